import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startCheckpoints } from "./sqlite-checkpoints.js";
import type { Checkpoints } from "./sqlite-checkpoints.js";

let folder: string;
let client: Database.Database;
let checkpoints: Checkpoints;
let failures: unknown[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "entrada-checkpoints-"));
  client = new Database(join(folder, "test.db"));
  client.pragma("journal_mode = WAL");
  client.exec("CREATE TABLE page (content)");
  failures = [];
  checkpoints = startCheckpoints(client, (error) => failures.push(error));
});

afterEach(async () => {
  await checkpoints.stop();
  client.close();
  rmSync(folder, { recursive: true });
});

/** Writes at least this many pages. */
function write(pages: number): void {
  client
    .prepare(
      "WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < ?) INSERT INTO page SELECT zeroblob(4000) FROM count",
    )
    .run(pages);
}

function countWaitingPages(): number {
  const [log, checkpointed] = client
    .prepare<[], [number, number, number]>("PRAGMA wal_checkpoint(NOOP)")
    .raw()
    .get()
    ?.slice(1) ?? [0, 0];
  return (log ?? 0) - (checkpointed ?? 0);
}

describe("startCheckpoints", () => {
  it("moves the pages of a long log into the database", async () => {
    write(1500);
    const before = countWaitingPages();

    await checkpoints.settle();

    expect(before).toBeGreaterThan(1000);
    expect(countWaitingPages()).toBe(0);
    expect(failures).toEqual([]);
  });

  it("does so regularly without a call of settle", async () => {
    write(1500);

    await vi.waitFor(() => expect(countWaitingPages()).toBe(0), 20_000);
  });

  it("does not move a short log", async () => {
    write(500);
    const before = countWaitingPages();

    await checkpoints.settle();

    expect(before).toBeGreaterThan(0);
    expect(countWaitingPages()).toBe(before);
  });

  it("moves the pages again each time the log grows", async () => {
    for (let round = 0; round < 5; round += 1) {
      write(1500);
      await checkpoints.settle();
    }
    write(1);

    expect(countWaitingPages()).toBeLessThan(10);
  });

  it("does not stop writers while another connection reads for long", async () => {
    const reader = new Database(client.name);
    reader.exec("BEGIN; SELECT * FROM page");
    client.pragma("busy_timeout = 0");

    for (let round = 0; round < 3; round += 1) {
      write(1500);
      await checkpoints.settle();
    }

    expect(() => write(1)).not.toThrow();
    expect(failures).toEqual([]);
    reader.close();
  });

  it("lets SQLite perform its checkpoints if the thread fails, and reports the failure once", async () => {
    rmSync(join(folder, "test.db"));
    write(1500);

    await checkpoints.settle();
    write(1500);
    await checkpoints.settle();

    expect(failures).toHaveLength(1);
    expect(client.pragma("wal_autocheckpoint", { simple: true })).toBe(1000);
  });

  it("does nothing after stop", async () => {
    await checkpoints.stop();
    write(1500);
    client.close();

    await checkpoints.settle();

    expect(failures).toEqual([]);
  });
});
