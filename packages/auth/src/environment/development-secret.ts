import { randomBytes } from "node:crypto";
import {
  linkSync,
  mkdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { EnvironmentError } from "./variable-reader.js";
import type { DatabaseAddress } from "./database/database-url.js";

const ownerOnly = 0o600;
const defaultFolder = "./data";

/** Returns the secret for development. It is generated once and stored beside the SQLite database, or in `./data`. */
export function readDevelopmentSecret(
  database: DatabaseAddress | undefined,
): Uint8Array {
  const folder =
    database?.engine === "sqlite" ? dirname(database.path) : defaultFolder;
  try {
    return readOrCreate(join(resolve(folder), "auth-secret"));
  } catch (cause) {
    throw new EnvironmentError(
      [
        `AUTH_SECRET is missing, and no secret for development can be stored in ${resolve(folder)}: set AUTH_SECRET, or make the folder writable`,
      ],
      { cause },
    );
  }
}

function readOrCreate(file: string): Uint8Array {
  mkdirSync(dirname(file), { recursive: true });
  // Written to another file and then linked, so that a concurrent process never reads an incomplete secret.
  const draft = `${file}.${randomBytes(8).toString("hex")}`;
  writeFileSync(draft, `${randomBytes(32).toString("base64")}\n`, {
    flag: "wx",
    mode: ownerOnly,
  });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST"))
      throw error;
  } finally {
    unlinkSync(draft);
  }
  return Buffer.from(readFileSync(file, "utf8"), "base64");
}
