import { AuthError } from "@entrada/auth";
import { describe, expect, it } from "vitest";
import { waitUntilReady } from "./database-start.js";
import type { Pause } from "../pause.js";

interface Line {
  readonly level: "warn" | "info";
  readonly fields: object;
  readonly message: string | undefined;
}

/** A log that keeps its lines. */
function createLines() {
  const lines: Line[] = [];
  const write = (level: Line["level"]) => (fields: object, message?: string) =>
    void lines.push({ level, fields, message });
  return { lines, log: { warn: write("warn"), info: write("info") } };
}

/** An `auth` whose database fails with each of these in turn, and then answers. */
function createDatabase(...failures: readonly Error[]) {
  const rest = [...failures];
  return {
    ready: async () => {
      const failure = rest.shift();
      if (failure !== undefined) throw failure;
    },
  };
}

function createAbsence(): AuthError {
  return new AuthError("store_unavailable", "The database did not answer.", {
    cause: Object.assign(new Error("a distinctive password"), {
      code: "ECONNREFUSED",
    }),
  });
}

/** Pauses of no time, and how long they were meant to be. */
function createPauses(): { readonly asked: number[]; readonly pause: Pause } {
  const asked: number[] = [];
  return {
    asked,
    pause: async (milliseconds) => void asked.push(milliseconds),
  };
}

const { signal } = new AbortController();

describe("waitUntilReady", () => {
  it("is done at once, and silently, where the database answers", async () => {
    const { lines, log } = createLines();

    const isReady = await waitUntilReady(
      createDatabase(),
      log,
      signal,
      createPauses().pause,
    );

    expect(isReady).toBe(true);
    expect(lines).toEqual([]);
  });

  it("tries again until it answers, and says so in a line for each try", async () => {
    const { lines, log } = createLines();
    const database = createDatabase(createAbsence(), createAbsence());

    const isReady = await waitUntilReady(
      database,
      log,
      signal,
      createPauses().pause,
    );

    expect(isReady).toBe(true);
    expect(lines).toMatchObject([
      {
        level: "warn",
        message: "database.unavailable",
        fields: {
          attempt: 1,
          error: { code: "store_unavailable", cause: { code: "ECONNREFUSED" } },
        },
      },
      { level: "warn", fields: { attempt: 2 } },
      { level: "info", message: "database.reached", fields: { attempt: 3 } },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/distinctive/);
  });

  it("waits longer from try to try, and never longer than five seconds", async () => {
    const { asked, pause } = createPauses();
    const absences = Array.from({ length: 40 }, createAbsence);

    await waitUntilReady(
      createDatabase(...absences),
      createLines().log,
      signal,
      pause,
    );

    expect(asked).toHaveLength(40);
    expect(asked.slice(0, 5)).toEqual([250, 500, 1000, 2000, 4000]);
    expect(new Set(asked.slice(5))).toEqual(new Set([5000]));
  });

  it("ends the wait when the server is asked to stop", async () => {
    const stopping = new AbortController();
    const database = createDatabase(createAbsence(), createAbsence());

    const isReady = await waitUntilReady(
      database,
      createLines().log,
      stopping.signal,
      async () => stopping.abort(),
    );

    expect(isReady).toBe(false);
  });

  it("throws what waiting does not mend", async () => {
    const broken = new Error("migration 0001 does not fit this database");

    const migrated = waitUntilReady(
      createDatabase(broken),
      createLines().log,
      signal,
      createPauses().pause,
    );

    await expect(migrated).rejects.toBe(broken);
  });
});
