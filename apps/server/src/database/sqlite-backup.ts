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
  /** The database, which servers may be writing to. */
  readonly source: string;
  /** The file that does not exist yet. */
  readonly target: string;
  /** Whether sessions, tokens and pending flows are left out: who is in the backup then has to sign in again. */
  readonly withoutSessions: boolean;
}

/** A backup that cannot be made; the message says why and what to do. */
export class BackupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BackupError";
  }
}

const ownerOnly = 0o600;
const busyMilliseconds = 10_000;

/**
 * Copies a SQLite database as it is at one moment, whoever writes to it meanwhile, into a new file of its owner's alone.
 * The file appears under its name when it is complete, verified and on the disk, and not before.
 *
 * @throws {BackupError} if there is such a file, or no such database, or the copy is not intact.
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
      `${partial} cannot be made. If it is there, another backup is running, or was killed: then delete it.`,
      { cause },
    );
  }
}

/**
 * `VACUUM INTO` reads within one transaction, so what is written meanwhile is not in the copy; the backup interface of
 * SQLite would begin anew each time a server writes. What was deleted is not in the copy either.
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
      `${source} cannot be backed up: it has to be a SQLite database that this user may read, and the disk needs as much room again.`,
      { cause },
    );
  }
}

function change(path: string, act: (client: Database.Database) => void): void {
  const client = new Database(path);
  try {
    // Nothing is left beside the file, and a crash costs a copy that nobody has seen.
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
      "The copy is not intact, and was thrown away. The database itself may be damaged: check its disk.",
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

// Unlike a renaming, a link never takes the place of a file that somebody has made meanwhile.
function publish(partial: string, target: string): void {
  try {
    linkSync(partial, target);
  } catch (cause) {
    throw taken(target, cause);
  }
}

function taken(target: string, cause?: unknown): BackupError {
  return new BackupError(
    `${target} is there already, or cannot be made. A backup overwrites nothing: name another file.`,
    { cause },
  );
}
