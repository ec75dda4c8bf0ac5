// Prints the cost of `sessionStore.find`, the query of every request of a signed-in user, and of the same join prepared
// with better-sqlite3 alone, in microseconds per call.
import { createSqliteStores } from "@entrada/auth/drizzle/sqlite";
import Database from "better-sqlite3";
import { clientId, sessionIdAt } from "./scale/rows.js";
import { createSqliteContestants } from "./scale/sqlite-database.js";

const sessionCount = 20_000;
const callsPerRound = 100_000;
const rounds = 7;

const { full, close } = await createSqliteContestants({
  empty: { flows: 0, sessions: 1, users: 1 },
  full: { flows: 0, sessions: sessionCount, users: sessionCount },
});
const database = new Database(full.replace("file:", ""));
const { sessionStore } = createSqliteStores(database, { clientId });
const raw =
  database.prepare(`SELECT session.*, ${listColumns("user")}, ${listColumns("user_client")} FROM auth_session AS session
  JOIN auth_user AS user ON user.id = session.user_id
  JOIN auth_user_client AS user_client USING (user_id, client_id) WHERE session.id = ?`);
const ids = Array.from({ length: sessionCount }, (_, index) =>
  sessionIdAt((index * 7919) % sessionCount),
);

const best = { raw: Infinity, find: Infinity };
for (let round = 0; round < rounds; round += 1) {
  best.raw = Math.min(best.raw, await measure(async (id) => raw.get(id)));
  best.find = Math.min(best.find, await measure((id) => sessionStore.find(id)));
}
console.log(`raw prepared get    ${best.raw.toFixed(2)} µs`);
console.log(`sessionStore.find   ${best.find.toFixed(2)} µs`);
console.log(`ratio               ${(best.find / best.raw).toFixed(2)}`);

database.close();
await close();

function listColumns(table: string): string {
  const columns = database
    .prepare<[string], string>("SELECT name FROM pragma_table_info(?)")
    .pluck()
    .all(`auth_${table}`);
  return columns
    .map((column) => `${table}."${column}" AS ${table}_${column}`)
    .join(", ");
}

async function measure(
  call: (id: (typeof ids)[number]) => Promise<unknown>,
): Promise<number> {
  const start = process.hrtime.bigint();
  for (let done = 0; done < callsPerRound; done += sessionCount)
    for (const id of ids) await call(id);
  return Number(process.hrtime.bigint() - start) / 1000 / callsPerRound;
}
