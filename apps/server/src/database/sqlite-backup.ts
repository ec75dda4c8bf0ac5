import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  rmSync,
} from "node:fs";
import Database from "better-sqlite3";

/** What to back up, and where to. */
export interface BackupRequest {
  /** The database; servers may write to it during the backup. */
  readonly source: string;
  /** The file to create. It must not exist yet. */
  readonly target: string;
  /** Whether to omit sessions, tokens and pending flows: after a restore, every user must sign in again. */
  readonly withoutSessions: boolean;
}

/** A backup that failed; the message says why and what to do. */
export class BackupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BackupError";
  }
}

const ownerOnly = 0o600;
const busyMilliseconds = 10_000;

/**
 * Copies a consistent snapshot of a SQLite database into a new file that only its owner may read, while other processes
 * write to it. The file appears under its name only after it is complete, verified and on the disk.
 *
 * @throws {BackupError} if the target exists, the database does not exist, or the copy is damaged.
 */
export function backUpSqlite(request: BackupRequest): void {
  const { source, target, withoutSessions } = request;
  if (existsSync(target)) throw taken(target);
  const partial = `${target}.partial`;
  create(partial);
  try {
    copy(source, partial);
    change(partial, (client) => {
      if (withoutSessions) removeSessions(client);
      requireIntact(client);
    });
    sync(partial);
    publish(partial, target);
  } finally {
    rmSync(partial, { force: true });
  }
}

function create(partial: string): void {
  try {
    closeSync(openSync(partial, "wx", ownerOnly));
  } catch (cause) {
    throw new BackupError(
      `${partial} cannot be created. If it exists, another backup is running or was killed. If none is running, delete it.`,
      { cause },
    );
  }
}

/**
 * `VACUUM INTO` reads in one transaction, so the copy does not contain later writes; SQLite's backup API would start again
 * at each write of another process. The copy does not contain deleted content either.
 */
function copy(source: string, partial: string): void {
  try {
    const client = new Database(source, {
      readonly: true,
      fileMustExist: true,
      timeout: busyMilliseconds,
    });
    try {
      client.prepare("VACUUM INTO ?").run(partial);
    } finally {
      client.close();
    }
  } catch (cause) {
    throw new BackupError(
      `${source} cannot be backed up: it must be a SQLite database that this user may read, and the disk must have room for a copy.`,
      { cause },
    );
  }
}

function change(path: string, act: (client: Database.Database) => void): void {
  const client = new Database(path);
  try {
    // A journal in memory leaves no file behind. A crash damages the partial file only.
    client.pragma("journal_mode = MEMORY");
    act(client);
  } finally {
    client.close();
  }
}

function removeSessions(client: Database.Database): void {
  client.exec(
    "DELETE FROM auth_session; DELETE FROM auth_token_cache; DELETE FROM auth_flow; DELETE FROM auth_lease; VACUUM",
  );
}

function requireIntact(client: Database.Database): void {
  const findings = [
    ...client.prepare("PRAGMA integrity_check").pluck().all(),
    ...client.prepare("PRAGMA foreign_key_check").all(),
  ];
  if (findings.length !== 1 || findings[0] !== "ok")
    throw new BackupError(
      "The copy is damaged and was deleted. The database itself may be damaged: check its disk.",
    );
}

function sync(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

// Unlike a rename, a link fails if the file was created in the meantime.
function publish(partial: string, target: string): void {
  try {
    linkSync(partial, target);
  } catch (cause) {
    throw taken(target, cause);
  }
}

function taken(target: string, cause?: unknown): BackupError {
  return new BackupError(
    `${target} exists already, or cannot be created. A backup does not overwrite files: name another file.`,
    { cause },
  );
}
