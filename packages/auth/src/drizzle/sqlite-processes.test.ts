import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openTestDatabase } from "../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../test/sqlite-test-database.js";
import {
  brand,
  createFlow,
  createProfile,
  now,
} from "../testing/store-samples.js";
import { migrateSqlite } from "./sqlite-migrate.js";
import { sqliteMigrations } from "./sqlite-migrations.js";
import { createSqliteStores } from "./sqlite-stores.js";

const worker = fileURLToPath(
  new URL("../../test/sqlite-worker.mjs", import.meta.url),
);
const processCount = 3;

type Task =
  "migrate" | "take" | "start" | "replace" | "disable" | "count" | "acquire";

let opened: TestDatabase;
let workers: ChildProcess[] = [];

beforeEach(() => {
  opened = openTestDatabase();
});

afterEach(() => {
  for (const child of workers) child.kill();
  workers = [];
  opened.close();
});

function everyProcess(task: Task): readonly Task[] {
  return Array.from({ length: processCount }, () => task);
}

/** Starts a process for each task, waits until all are ready, lets them go at once and answers what each achieved. */
async function race(
  tasks: readonly Task[],
  request: object,
): Promise<unknown[]> {
  workers = tasks.map((task) => fork(worker, [task, opened.path]));
  await Promise.all(workers.map((child) => once(child, "message")));
  const answers = workers.map((child) => once(child, "message"));
  for (const child of workers) child.send(request);
  return (await Promise.all(answers)).map(([answer]) => answer);
}

describe("several processes on one SQLite file", { timeout: 60_000 }, () => {
  it("give each flow to one of them", async () => {
    migrateSqlite(opened.database);
    const { flowStore } = createSqliteStores(opened.database);
    const flows = Array.from({ length: 300 }, (_, index) =>
      createFlow({ stateDigest: brand(`state-${index}`) }),
    );
    for (const flow of flows) await flowStore.add(flow);
    const stateDigests = flows.map(({ stateDigest }) => stateDigest);

    const taken = await race(everyProcess("take"), {
      stateDigests,
      browserTokenDigest: createFlow().browserTokenDigest,
      now: now.getTime(),
    });

    expect(taken.flat().toSorted()).toEqual(stateDigests.toSorted());
  });

  it("give each lease to one of them", async () => {
    migrateSqlite(opened.database);
    const names = Array.from({ length: 300 }, (_, index) => `lease-${index}`);

    const acquired = await race(everyProcess("acquire"), {
      names,
      now: now.getTime(),
      expiresAt: now.getTime() + 60_000,
    });

    expect(acquired.flat().toSorted()).toEqual(names.toSorted());
  });

  it("migrate it once when they start at the same moment", async () => {
    const answers = await race(everyProcess("migrate"), {});

    const applied = opened.database
      .prepare("SELECT tag FROM entrada_migration")
      .pluck()
      .all();
    expect(answers).toEqual(Array.from({ length: processCount }, () => []));
    expect(applied).toEqual(sqliteMigrations.map(({ tag }) => tag));
  });

  it("count together: every count of a rate limit is given to one of them", async () => {
    migrateSqlite(opened.database);

    const counts = await race(everyProcess("count"), {
      times: 200,
      processes: processCount,
    });

    expect(
      counts.flat().toSorted((one, two) => Number(one) - Number(two)),
    ).toEqual(
      Array.from({ length: 200 * processCount }, (_, index) => index + 1),
    );
  });

  it("leave a user without a session, however many are being started while one of them disables the user", async () => {
    migrateSqlite(opened.database);
    const { userStore } = createSqliteStores(opened.database);
    const { id, tenantId } = await userStore.upsert(
      brand("user-ada"),
      createProfile(),
      now,
    );

    // Starters go on until they are refused, and the disabling waits for the first session of each.
    const [disabled, ...starters] = await race(
      ["disable", "start", "replace"],
      { id, tenantId, now: now.getTime() },
    );

    expect(disabled).toEqual({ hasEndedSessions: true });
    expect(starters).toEqual([{ refused: true }, { refused: true }]);
    expect(
      opened.database.prepare("SELECT count(*) FROM session").pluck().get(),
    ).toBe(0);
  });
});
