// What `sessionStore.find` costs, the query behind every request of somebody who is signed in, next to the same join
// prepared with better-sqlite3 alone. Prints microseconds per call and the ratio.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";

import { loadSource } from "../test/load-source.mjs";

const sessionCount = 20_000;
const callsPerRound = 100_000;
const rounds = 7;

const folder = mkdtempSync(join(tmpdir(), "entrada-bench-"));
const database = new Database(join(folder, "bench.db"));
database.pragma("journal_mode = WAL");

const { createSqliteStores, migrateSqlite } =
  await loadSource("drizzle-sqlite.ts");
const { createAdmittedSession, createProfile } = await loadSource(
  "testing/store-samples.ts",
);
migrateSqlite(database);
const { sessionStore } = createSqliteStores(database);
await addSessions();

const raw =
  database.prepare(`SELECT session.*, ${listUserColumns()} FROM session
  JOIN user ON user.id = session.user_id WHERE session.id = ?`);
const contestants = {
  raw: (id) => raw.get(id),
  find: (id) => sessionStore.find(id),
};
const best = { raw: Infinity, find: Infinity };
for (let round = 0; round < rounds; round += 1) {
  for (const [name, call] of Object.entries(contestants))
    best[name] = Math.min(best[name], await measure(call));
}

console.log(`raw prepared get    ${best.raw.toFixed(2)} µs`);
console.log(`sessionStore.find   ${best.find.toFixed(2)} µs`);
console.log(`ratio               ${(best.find / best.raw).toFixed(2)}`);

database.close();
rmSync(folder, { recursive: true });

async function addSessions() {
  database.exec("BEGIN");
  for (let index = 0; index < sessionCount; index += 1) {
    await sessionStore.admit({
      candidateId: `user-${index}`,
      profile: createProfile({ objectId: `object-${index}` }),
      session: createAdmittedSession({ id: `session-${index}` }),
      replaces: undefined,
    });
  }
  database.exec("COMMIT");
}

function listUserColumns() {
  const columns = database
    .prepare("SELECT name FROM pragma_table_info('user')")
    .pluck()
    .all();
  return columns
    .map((column) => `user."${column}" AS user_${column}`)
    .join(", ");
}

async function measure(call) {
  const start = process.hrtime.bigint();
  for (let index = 0; index < callsPerRound; index += 1)
    await call(`session-${(index * 7919) % sessionCount}`);
  return Number(process.hrtime.bigint() - start) / 1000 / callsPerRound;
}
