import type {
  AuditRecord,
  Flow,
  StoredSession,
  TokenCachePartition,
  User,
} from "@entrada/auth";
import {
  clientId,
  createAuditRecord,
  createFlow,
  createPartition,
  createRateLimit,
  createSession,
  createUser,
} from "./rows.js";
import type { RateLimitRow, RowCounts } from "./rows.js";

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
  writeRateLimits(rows: RateLimitRow[]): Promise<void>;
  writeEvents(
    rows: OfClient<AuditRecord & Pick<User, "tenantId">>[],
  ): Promise<void>;
}

const batchSize = 500;

/** Writes the given number of rows, and the sealed tokens of every user. */
export async function fill(
  writer: RowWriter,
  { flows, sessions, users, rateLimits, events, addedAt }: RowCounts,
): Promise<void> {
  await inBatches(
    users,
    (index) => createUser(index, addedAt),
    async (rows) => {
      await writer.writeUsers(rows);
      await writer.writeUserClients(
        rows.map((user) => ofClient({ ...user, userId: user.id })),
      );
    },
  );
  await inBatches(
    users,
    (index) => ofClient(createPartition(index, addedAt)),
    (rows) => writer.writePartitions(rows),
  );
  await inBatches(
    sessions,
    (index) => ofClient(createSession(index, users, addedAt)),
    (rows) => writer.writeSessions(rows),
  );
  await inBatches(
    flows,
    (index) => ofClient(createFlow(index, addedAt)),
    (rows) => writer.writeFlows(rows),
  );
  await inBatches(
    rateLimits,
    (index) => createRateLimit(index, addedAt),
    (rows) => writer.writeRateLimits(rows),
  );
  await inBatches(
    events,
    (index) => ofClient(createAuditRecord(index, addedAt)),
    (rows) => writer.writeEvents(rows),
  );
}

function ofClient<Row>(row: Row): OfClient<Row> {
  return { ...row, clientId };
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
