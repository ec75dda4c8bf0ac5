import { AuthError } from "@entrada/auth";
import { describe, expect, it } from "vitest";
import { waitUntilReady } from "./database-start.js";
import type { Pause } from "../pause.js";

interface Line {
  readonly level: "warn" | "info";
  readonly fields: object;
  readonly message: string | undefined;
}

/** Returns a log that records its lines. */
function createLines() {
  const lines: Line[] = [];
  const write = (level: Line["level"]) => (fields: object, message?: string) =>
    void lines.push({ level, fields, message });
  return { lines, log: { warn: write("warn"), info: write("info") } };
}

/** Returns an `auth` whose database fails with each of these errors in turn, and is then available. */
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
  return new AuthError("store_unavailable", "The database is unavailable.", {
    cause: Object.assign(new Error("a distinctive password"), {
      code: "ECONNREFUSED",
    }),
  });
}

/** Returns a `Pause` that does not wait, and the durations that it was called with. */
function createPauses(): { readonly asked: number[]; readonly pause: Pause } {
  const asked: number[] = [];
  return {
    asked,
    pause: async (milliseconds) => void asked.push(milliseconds),
  };
}

const { signal } = new AbortController();

describe("waitUntilReady", () => {
  it("returns at once and logs nothing if the database is available", async () => {
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

  it("retries until the database is available, and logs each failed attempt", async () => {
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

  it("waits longer before each attempt, up to five seconds", async () => {
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

  it("stops waiting when the server receives a stop signal", async () => {
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

  it("throws an error that waiting cannot resolve", async () => {
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
