// One of several processes that do the same to one database file at the same moment. It says when it is ready, waits to
// be told to go, and answers what it achieved.
import { setImmediate } from "node:timers/promises";
import Database from "better-sqlite3";

import { loadSource } from "./load-source.mjs";

const tasks = { migrate, take, start, replace, disable, count, acquire };

const [, , task, path] = process.argv;
const { createSqliteStores, migrateSqlite } =
  await loadSource("drizzle-sqlite.ts");
const { createSession } = await loadSource("testing/store-samples.ts");
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

// More than anybody starts before another process gets its turn; who is never refused ends all the same.
const mostStarts = 5000;

async function start({ id }) {
  const { sessionStore } = createSqliteStores(database);
  return startUntilRefused((number) =>
    sessionStore.start(createSession({ id: `started-${number}`, userId: id })),
  );
}

async function replace({ id }) {
  const { sessionStore } = createSqliteStores(database);
  return startUntilRefused((number) =>
    sessionStore.start(
      createSession({ id: `replacing-${number}`, userId: id }),
      `replacing-${number - 1}`,
    ),
  );
}

async function startUntilRefused(startSession) {
  for (let number = 1; number <= mostStarts; number += 1)
    if (!(await startSession(number))) return { refused: true };
  return { refused: false };
}

// Waits until both starters are in the middle of it.
async function disable({ id, tenantId, now }) {
  const { userStore } = createSqliteStores(database);
  const count = database
    .prepare("SELECT count(DISTINCT substr(id, 1, 1)) FROM session")
    .pluck();
  while (count.get() < 2) await setImmediate();
  const ended = await userStore.disable(id, tenantId, new Date(now));
  return { hasEndedSessions: ended.length > 0 };
}

// Each has counted once, and so loaded what it takes, before any of them goes on.
async function count({ times, processes }) {
  const { rateLimitStore } = createSqliteStores(database);
  const counts = [];
  await rateLimitStore.count("ready", 600);
  const ready = database
    .prepare("SELECT points FROM rate_limit WHERE key = 'ready'")
    .pluck();
  while (ready.get() < processes) await setImmediate();
  for (let time = 0; time < times; time += 1)
    counts.push((await rateLimitStore.count("login:203.0.113.7", 600)).count);
  return counts;
}

async function acquire({ names, now, expiresAt }) {
  const { leaseStore } = createSqliteStores(database);
  const acquired = [];
  for (const name of names) {
    const lease = {
      name,
      holder: String(process.pid),
      expiresAt: new Date(expiresAt),
    };
    if (await leaseStore.acquire(lease, new Date(now))) acquired.push(name);
  }
  return acquired;
}
