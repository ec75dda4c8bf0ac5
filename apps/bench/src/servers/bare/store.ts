import Database from "better-sqlite3";
import { databasePath } from "../environment.js";

export interface Flow {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export interface Profile {
  readonly tenantId: string;
  readonly objectId: string;
  readonly name: string;
  readonly userName: string;
}

interface ActiveSession extends Profile {
  readonly expiresAt: number;
}

/** The statements of a sign-in, and the SELECT of a request with a session. */
export interface Store {
  addFlow(flow: Flow): void;
  takeFlow(state: string): Flow | undefined;
  startSession(profile: Profile, sessionId: string): void;
  findSession(sessionId: string): ActiveSession | undefined;
}

const flowMilliseconds = 600_000;
const sessionMilliseconds = 86_400_000;

/** Opens the database and prepares the statements. */
export function openStore(): Store {
  const database = new Database(databasePath);
  database.pragma("journal_mode = WAL");
  createTables(database);
  const insertFlow = database.prepare<[string, string, string, number]>(
    "INSERT INTO flow VALUES (?, ?, ?, ?)",
  );
  const deleteFlow = database.prepare<[string, number], Flow>(
    'DELETE FROM flow WHERE state = ? AND expires_at > ? RETURNING state, nonce, code_verifier AS "codeVerifier"',
  );
  const selectSession = database.prepare<[string, number], ActiveSession>(
    `SELECT tenant_id AS "tenantId", object_id AS "objectId", name, user_name AS "userName", expires_at AS "expiresAt"
    FROM session JOIN user ON user.id = user_id WHERE session.id = ? AND expires_at > ?`,
  );
  return {
    addFlow: ({ state, nonce, codeVerifier }) =>
      void insertFlow.run(
        state,
        nonce,
        codeVerifier,
        Date.now() + flowMilliseconds,
      ),
    takeFlow: (state) => deleteFlow.get(state, Date.now()),
    startSession: prepareStart(database),
    findSession: (sessionId) => selectSession.get(sessionId, Date.now()),
  };
}

function createTables(database: Database.Database): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS flow (state TEXT PRIMARY KEY, nonce TEXT NOT NULL, code_verifier TEXT NOT NULL,
      expires_at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS user (id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, object_id TEXT NOT NULL,
      name TEXT NOT NULL, user_name TEXT NOT NULL, UNIQUE (tenant_id, object_id));
    CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES user,
      expires_at INTEGER NOT NULL) WITHOUT ROWID;
  `);
}

/** Upserts the user and inserts the session in one transaction. */
function prepareStart(database: Database.Database): Store["startSession"] {
  const upsertUser = database
    .prepare<[string, string, string, string], number>(
      `INSERT INTO user (tenant_id, object_id, name, user_name) VALUES (?, ?, ?, ?)
      ON CONFLICT (tenant_id, object_id) DO UPDATE SET name = excluded.name, user_name = excluded.user_name RETURNING id`,
    )
    .pluck();
  const insertSession = database.prepare<[string, number | undefined, number]>(
    "INSERT INTO session VALUES (?, ?, ?)",
  );
  return database.transaction(
    ({ tenantId, objectId, name, userName }: Profile, sessionId: string) => {
      const userId = upsertUser.get(tenantId, objectId, name, userName);
      insertSession.run(sessionId, userId, Date.now() + sessionMilliseconds);
    },
  );
}
