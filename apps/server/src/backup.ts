import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseDatabase, readEnvironment } from "./config/config.js";
import { BackupError, backUpSqlite } from "./database/sqlite-backup.js";
import type { BackupRequest } from "./database/sqlite-backup.js";

const usage = `Usage: node backup.js FILE [--without-sessions]

Copies the SQLite database that DATABASE_URL names into a new file, while servers use it.
--without-sessions omits sessions, tokens and pending flows.`;

try {
  const request = readRequest();
  backUpSqlite(request);
  process.stdout.write(`Backed up ${request.source} to ${request.target}\n`);
} catch (error) {
  const reason = error instanceof Error ? error.message : "The backup failed.";
  process.stderr.write(`${reason}\n`);
  process.exitCode = 1;
}

function readRequest(): BackupRequest {
  const { target, withoutSessions } = readArguments();
  const database = parseDatabase(readEnvironment());
  if (database.engine !== "sqlite")
    throw new BackupError(
      "DATABASE_URL names a PostgreSQL server. Back it up with pg_dump or the snapshots of its host.",
    );
  return { source: resolve(database.path), target, withoutSessions };
}

function readArguments(): Omit<BackupRequest, "source"> {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { "without-sessions": { type: "boolean", default: false } },
    });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) throw new BackupError(usage);
    return {
      target: resolve(file),
      withoutSessions: values["without-sessions"],
    };
  } catch (cause) {
    throw new BackupError(usage, { cause });
  }
}
