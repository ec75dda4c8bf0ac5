import type {
  Flow,
  StoredSession,
  TokenCachePartition,
  User,
} from "@entrada/auth";
import {
  clientId,
  createFlow,
  createPartition,
  createSession,
  createUser,
} from "./rows.js";
import type { RowCounts } from "./rows.js";

/** A row that belongs to one client. */
type OfClient<Row> = Row & { readonly clientId: string };

/** Writes batches of rows. */
export interface RowWriter {
  writeFlows(rows: OfClient<Flow>[]): Promise<void>;
  writeUsers(rows: User[]): Promise<void>;
  writeUserClients(
    rows: OfClient<User & Pick<StoredSession, "userId">>[],
  ): Promise<void>;
  writeSessions(rows: OfClient<StoredSession>[]): Promise<void>;
  writePartitions(rows: OfClient<TokenCachePartition>[]): Promise<void>;
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
    async (rows) => {
      await writer.writeUsers(rows);
      await writer.writeUserClients(
        rows.map((user) => ({ ...user, userId: user.id, clientId })),
      );
    },
  );
  await inBatches(
    users,
    (index) => ({ ...createPartition(index, now), clientId }),
    (rows) => writer.writePartitions(rows),
  );
  await inBatches(
    sessions,
    (index) => ({ ...createSession(index, users, now), clientId }),
    (rows) => writer.writeSessions(rows),
  );
  await inBatches(
    flows,
    (index) => ({ ...createFlow(index, now), clientId }),
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
