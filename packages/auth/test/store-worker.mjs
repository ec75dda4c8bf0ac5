// What one of several processes does that share a database. It is told a task and the database, says when it is ready,
// waits to be told to go, and returns what it achieved; then it waits for the next task.
import { setImmediate } from "node:timers/promises";

import { loadSource } from "./load-source.mjs";

const { createAdmission, createFlow } = await loadSource(
  "testing/store-samples.ts",
);

// More than anybody starts before another process gets its turn; who is never refused ends all the same.
const mostStarts = 5000;
// Callers that ask at the same moment, and servers that start at the same moment, in each process.
const callerCount = 40;
const serverCount = 4;

/** Does what the process is told, with what `open` makes of a database's place. */
export function work(open) {
  let prepared;
  const results = {
    prepare: async ({ task, place }) => {
      prepared = { database: open(place) };
      prepared.run = await tasks[task](prepared.database);
      return "ready";
    },
    go: async ({ request }) => {
      const answer = await prepared.run(request).catch((error) => ({
        error: String(error),
      }));
      await prepared.database.close();
      return answer;
    },
  };
  process.on("message", async (message) => {
    process.send(await results[message.type](message));
  });
}

// Each prepares itself, and returns what it does when it is told to go.
const tasks = {
  migrate: ({ migrate }) => migrateOften(migrate),
  take: ({ createStores }) => takeAll(createStores()),
  takeOne: ({ createStores }) => takeOne(createStores()),
  start: ({ createStores }) => startOften(createStores()),
  replace: ({ createStores }) => replaceOften(createStores()),
  disable: ({ createStores }) => disable(createStores()),
  count: ({ createStores }) => countOften(createStores()),
  acquire: ({ createStores }) => acquireAll(createStores()),
};

function migrateOften(migrate) {
  return async () => {
    await Promise.all(Array.from({ length: serverCount }, () => migrate()));
    return [];
  };
}

function takeAll({ flowStore }) {
  return async ({ stateDigests, browserTokenDigest, now }) => {
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
  };
}

function takeOne({ flowStore }) {
  return async ({ stateDigest, browserTokenDigest, now }) => {
    const flows = await Promise.all(
      Array.from({ length: callerCount }, () =>
        flowStore.take(stateDigest, browserTokenDigest, new Date(now)),
      ),
    );
    return flows.filter((flow) => flow !== undefined).length;
  };
}

function startOften(stores) {
  return startUntilRefused(stores, "started", (number) =>
    admit(stores, `started-${number}`, undefined),
  );
}

function replaceOften(stores) {
  return startUntilRefused(stores, "replacing", (number) =>
    admit(stores, `replacing-${number}`, `replacing-${number - 1}`),
  );
}

// Returns whether the session has started.
async function admit({ sessionStore }, id, replaces) {
  const { session, ...admission } = createAdmission();
  const { user } = await sessionStore.admit({
    ...admission,
    session: { ...session, id },
    replaces: replaces && {
      sessionId: replaces,
      secretDigest: session.secretDigest,
    },
  });
  return user.disabledAt === undefined;
}

function startUntilRefused({ flowStore }, name, startSession) {
  return async () => {
    for (let number = 1; number <= mostStarts; number += 1) {
      if (!(await startSession(number))) return { refused: true };
      // Tells the other processes that this one is in the middle of it.
      if (number === 1) await flowStore.add(createFlow({ stateDigest: name }));
    }
    return { refused: false };
  };
}

function disable({ flowStore, userStore }) {
  return async ({ id, tenantId, now }) => {
    const { createdAt } = createFlow();
    for (const name of ["started", "replacing"])
      while (!(await flowStore.isPending(name, createdAt)))
        await setImmediate();
    const ended = await userStore.disable(id, tenantId, new Date(now));
    return { hasEndedSessions: ended.length > 0 };
  };
}

async function countOften({ rateLimitStore }) {
  // Loads what counting takes.
  await rateLimitStore.count("warm-up", 600);
  return async ({ times }) => {
    const counts = [];
    for (let time = 0; time < times; time += 1)
      counts.push((await rateLimitStore.count("login:203.0.113.7", 600)).count);
    return counts;
  };
}

function acquireAll({ leaseStore }) {
  return async ({ names, now, expiresAt }) => {
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
  };
}
