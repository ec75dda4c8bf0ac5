import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from "vitest";

import type { Migration } from "../../src/drizzle/migration.js";
import type { Stores } from "../../src/core/stores/stores.js";
import {
  addUser,
  brand,
  createFlow,
  now,
} from "../../src/testing/store-samples.js";

/** An empty database for several processes. */
export interface SharedDatabase {
  /** The file or URL by which the worker opens it. */
  readonly place: string;
  /** Creates the tables and returns the stores, in this process. */
  openStores(): Promise<Stores>;
  readAppliedTags(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** A kind of database and its worker program. */
export interface ProcessSubject {
  readonly name: string;
  /** The file name of the worker, in `test`. */
  readonly worker: string;
  readonly migrations: readonly Migration[];
  open(): Promise<SharedDatabase>;
}

type Task =
  | "migrate"
  | "take"
  | "takeOne"
  | "start"
  | "replace"
  | "disable"
  | "count"
  | "acquire";

const processCount = 3;

/** Defines the tests of several processes on one database. */
export function describeProcesses(subject: ProcessSubject): void {
  const worker = fileURLToPath(
    new URL(`../${subject.worker}`, import.meta.url),
  );
  let opened: SharedDatabase;
  let processes: readonly ChildProcess[] = [];

  beforeAll(() => {
    processes = Array.from({ length: processCount }, () => fork(worker));
  });

  beforeEach(async () => {
    opened = await subject.open();
  });

  afterEach(() => opened.close());

  afterAll(() => {
    for (const child of processes) child.kill();
  });

  /** Sends each process its task, waits until all are ready, starts them together and returns their results. */
  async function race(
    tasks: readonly Task[],
    request: object,
  ): Promise<readonly unknown[]> {
    const { place } = opened;
    await tell((index) => ({ type: "prepare", task: tasks[index], place }));
    return tell(() => ({ type: "go", request }));
  }

  async function tell(
    createMessage: (index: number) => object,
  ): Promise<readonly unknown[]> {
    const results = processes.map((child) => once(child, "message"));
    for (const [index, child] of processes.entries())
      child.send(createMessage(index));
    return (await Promise.all(results)).map(([answer]) => answer);
  }

  function raceAll(task: Task, request: object): Promise<readonly unknown[]> {
    return race([task, task, task], request);
  }

  describe(`several processes on ${subject.name}`, { timeout: 60_000 }, () => {
    it("[F7] give each flow to only one of them", async () => {
      const { flowStore } = await opened.openStores();
      const flows = Array.from({ length: 300 }, (_, index) =>
        createFlow({ stateDigest: brand(`state-${index}`) }),
      );
      for (const flow of flows) await flowStore.add(flow);
      const stateDigests = flows.map(({ stateDigest }) => stateDigest);

      const taken = await raceAll("take", {
        stateDigests,
        browserTokenDigest: createFlow().browserTokenDigest,
        now: now.getTime(),
      });

      expect(taken.flat().toSorted()).toEqual(stateDigests.toSorted());
    });

    it("[F7] give one flow to only one of more than a hundred callers", async () => {
      const { flowStore } = await opened.openStores();
      const { stateDigest, browserTokenDigest } = createFlow();
      await flowStore.add(createFlow());

      const taken = await raceAll("takeOne", {
        stateDigest,
        browserTokenDigest,
        now: now.getTime(),
      });

      expect(taken.toSorted()).toEqual([0, 0, 1]);
    });

    it("give each lease to only one of them", async () => {
      await opened.openStores();
      const names = Array.from({ length: 300 }, (_, index) => `lease-${index}`);

      const acquired = await raceAll("acquire", {
        names,
        now: now.getTime(),
        expiresAt: now.getTime() + 60_000,
      });

      expect(acquired.flat().toSorted()).toEqual(names.toSorted());
    });

    it("migrate it once when a dozen servers start concurrently", async () => {
      const results = await raceAll("migrate", {});

      expect(results).toEqual(Array.from({ length: processCount }, () => []));
      expect(await opened.readAppliedTags()).toEqual(
        subject.migrations.map(({ tag }) => tag),
      );
    });

    it("share the counts of a rate limit: each count is returned to one of them", async () => {
      await opened.openStores();

      const counts = await raceAll("count", { times: 200 });

      expect(
        counts.flat().toSorted((one, two) => Number(one) - Number(two)),
      ).toEqual(
        Array.from({ length: 200 * processCount }, (_, index) => index + 1),
      );
    });

    it("[U6] leave a user without a session when sessions are started while one of them disables the user", async () => {
      const stores = await opened.openStores();
      const { id, tenantId } = await addUser(stores);

      // The processes start sessions until they are refused. The user is disabled after the first session of each.
      const [disabled, ...starters] = await race(
        ["disable", "start", "replace"],
        { id, tenantId, now: now.getTime() },
      );

      expect(disabled).toEqual({ hasEndedSessions: true });
      expect(starters).toEqual([{ refused: true }, { refused: true }]);
      expect(await stores.sessionStore.endAllOfUser(id)).toEqual([]);
    });
  });
}
