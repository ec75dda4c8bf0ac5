import { mkdirSync } from "node:fs";
import module from "node:module";
import { dirname, join, resolve } from "node:path";
import { readDatabaseAddress } from "@entrada/auth/environment";
import type { Environment } from "@entrada/auth/environment";

const folderName = "compile-cache";

interface CompileCache {
  readonly enableCompileCache?: (folder: string) => unknown;
  readonly flushCompileCache?: () => void;
}

// The types are those of Node 20, which has neither function.
const { enableCompileCache, flushCompileCache }: CompileCache & typeof module =
  module;

/**
 * Lets Node keep the compiled code of the modules that are loaded from now on, in a folder beside the SQLite database,
 * for the next start. Where that is not possible nothing happens: before Node 22.1, without a SQLite database, and if
 * the folder cannot be written.
 */
export function useCompileCache(environment: Environment): void {
  if (enableCompileCache === undefined) return;
  try {
    const database = readDatabaseAddress(environment);
    if (database.engine !== "sqlite") return;
    const folder = dirname(resolve(database.path));
    // With the same mode as the database creates it. Node would make it private to this user.
    mkdirSync(folder, { recursive: true });
    enableCompileCache(join(folder, folderName));
  } catch {
    // The start reports a malformed address and a folder that cannot be written.
  }
}

/** Writes what is not yet in the cache. At the exit Node writes it, too, but a process may be killed. */
export function saveCompileCache(): void {
  flushCompileCache?.();
}
