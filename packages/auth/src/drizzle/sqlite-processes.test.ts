import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openTestDatabase } from "../../test/sqlite-test-database.js";
import type { TestDatabase } from "../../test/sqlite-test-database.js";
import { brand, createFlow, now } from "../testing/store-samples.js";
import { migrateSqlite } from "./sqlite-migrate.js";
import { sqliteMigrations } from "./sqlite-migrations.js";
import { createSqliteStores } from "./sqlite-stores.js";

const worker = fileURLToPath(
  new URL("../../test/sqlite-worker.mjs", import.meta.url),
);
const processCount = 3;

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

/** Starts the processes, waits until all are ready, lets them go at once and answers what each achieved. */
async function race(
  task: "migrate" | "take",
  request: object,
): Promise<unknown[]> {
  workers = Array.from({ length: processCount }, () =>
    fork(worker, [task, opened.path]),
  );
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

    const taken = await race("take", {
      stateDigests,
      browserTokenDigest: createFlow().browserTokenDigest,
      now: now.getTime(),
    });

    expect(taken.flat().toSorted()).toEqual(stateDigests.toSorted());
  });

  it("migrate it once when they start at the same moment", async () => {
    const answers = await race("migrate", {});

    const applied = opened.database
      .prepare("SELECT tag FROM entrada_migration")
      .pluck()
      .all();
    expect(answers).toEqual(Array.from({ length: processCount }, () => []));
    expect(applied).toEqual(sqliteMigrations.map(({ tag }) => tag));
  });
});
