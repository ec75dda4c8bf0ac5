// One of several processes that share a database. It receives a task and the database, reports that it is ready, waits
// for the start message, and sends the result; then it waits for the next task.
import { setImmediate } from "node:timers/promises";

import { loadSource } from "./load-source.mjs";

const { createAdmission, createFlow } = await loadSource(
  "testing/store-samples.ts",
);

// More sessions than a process can start before another one runs. It ends the loop of a process that is never refused.
const mostStarts = 5000;
// The concurrent callers and the concurrently started servers in each process.
const callerCount = 40;
const serverCount = 4;

/** Handles the messages. `open` opens the database of a task. */
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

// Each prepares the task and returns the function to run after the start message.
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
      // Signals to the other processes that this one is running.
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
  // Warms up the store.
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
