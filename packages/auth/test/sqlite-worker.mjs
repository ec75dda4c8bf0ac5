// One of several processes that do the same to one database file at the same moment. It says when it is ready, waits to
// be told to go, and answers what it achieved.
import Database from "better-sqlite3";

import { loadSource } from "./load-source.mjs";

const tasks = { migrate, take };

const [, , task, path] = process.argv;
const { createSqliteStores, migrateSqlite } =
  await loadSource("drizzle-sqlite.ts");
const database = new Database(path);

process.once("message", async (request) => {
  const answer = await tasks[task](request).catch((error) => ({
    error: String(error),
  }));
  process.send(answer, () => process.exit());
});
process.send("ready");

async function migrate() {
  migrateSqlite(database);
  return [];
}

async function take({ stateDigests, browserTokenDigest, now }) {
  const { flowStore } = createSqliteStores(database);
  const taken = [];
  for (const stateDigest of stateDigests) {
    const flow = await flowStore.take(
      stateDigest,
      browserTokenDigest,
      new Date(now),
    );
    if (flow !== undefined) taken.push(flow.stateDigest);
  }
  return taken;
}
