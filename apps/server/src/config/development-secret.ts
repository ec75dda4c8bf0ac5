import { randomBytes } from "node:crypto";
import {
  linkSync,
  mkdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { DatabaseConfig } from "./database-url.js";

const ownerOnly = 0o600;
const defaultFolder = "./data";

/** Returns the secret of a development machine, made once and kept beside the database, or in `data` where that is elsewhere. */
export function readDevelopmentSecret(database: DatabaseConfig): Uint8Array {
  const folder =
    database.engine === "sqlite" ? dirname(database.path) : defaultFolder;
  const file = join(resolve(folder), "auth-secret");
  mkdirSync(dirname(file), { recursive: true });
  // Written aside and then linked: whoever else starts at this moment finds the whole secret, or none yet.
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
