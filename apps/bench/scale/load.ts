import type {
  Flow,
  StoredSession,
  TokenCachePartition,
  User,
} from "@entrada/auth";
import {
  createFlow,
  createPartition,
  createSession,
  createUser,
} from "./rows.js";
import type { RowCounts } from "./rows.js";

/** Writes batches of rows. */
export interface RowWriter {
  writeFlows(rows: Flow[]): Promise<void>;
  writeUsers(rows: User[]): Promise<void>;
  writeSessions(rows: StoredSession[]): Promise<void>;
  writePartitions(rows: TokenCachePartition[]): Promise<void>;
}

const batchSize = 500;

/** Writes the given number of rows, and the sealed tokens of every user. */
export async function load(
  writer: RowWriter,
  { flows, sessions, users }: RowCounts,
): Promise<void> {
  const now = new Date();
  await inBatches(
    users,
    (index) => createUser(index, now),
    (rows) => writer.writeUsers(rows),
  );
  await inBatches(
    users,
    (index) => createPartition(index, now),
    (rows) => writer.writePartitions(rows),
  );
  await inBatches(
    sessions,
    (index) => createSession(index, users, now),
    (rows) => writer.writeSessions(rows),
  );
  await inBatches(
    flows,
    (index) => createFlow(index, now),
    (rows) => writer.writeFlows(rows),
  );
}

async function inBatches<Row>(
  count: number,
  create: (index: number) => Row,
  write: (rows: Row[]) => Promise<void>,
): Promise<void> {
  for (let first = 0; first < count; first += batchSize) {
    const length = Math.min(batchSize, count - first);
    await write(Array.from({ length }, (_, index) => create(first + index)));
  }
}
