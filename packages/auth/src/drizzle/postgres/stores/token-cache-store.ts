import { and, eq, gt, lte, notExists, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type { TokenCacheStore } from "../../../core/stores/token-cache-store.js";
import { bound, excluded } from "../../placeholder.js";
import type { Connections } from "../connections.js";
import { isAnyOf } from "../locking.js";
import { sessionTable, tokenCacheTable } from "../schema.js";

/** Creates the token cache store on a migrated PostgreSQL database. */
export function createPostgresTokenCacheStore(
  connections: Connections,
): TokenCacheStore {
  const { ask } = connections.prepare(prepareStatements);

  return {
    find: (partitionKey, now) =>
      ask(async ({ find }) => {
        const [partition] = await find.execute({ partitionKey, now });
        return partition;
      }),
    put: (partition) =>
      ask(async ({ put }) => {
        await put.execute({ ...partition });
      }),
    replace: (partition) =>
      ask(async ({ replace }) => {
        const { rowCount } = await replace.execute({ ...partition });
        return rowCount === 1;
      }),
    deleteUnused: (partitionKey) =>
      ask(async ({ deleteUnused }) => {
        await deleteUnused.execute({ partitionKey });
      }),
    deleteExpired: (now, limit) =>
      ask(async ({ deleteExpired }) => {
        const { rowCount } = await deleteExpired.execute({ now, limit });
        return rowCount ?? 0;
      }),
  };
}

const { partitionKey, sealedCache, version, expiresAt } = tokenCacheTable;
const isPartition = eq(partitionKey, bound(partitionKey, "partitionKey"));
const nextVersion = sql`${version} + 1`;

function prepareStatements(database: NodePgDatabase) {
  return {
    find: database
      .select()
      .from(tokenCacheTable)
      .where(and(isPartition, gt(expiresAt, bound(expiresAt, "now"))))
      .prepare("entrada_token_cache_find"),
    put: preparePut(database),
    replace: database
      .update(tokenCacheTable)
      .set({
        sealedCache: bound(sealedCache, "sealedCache"),
        expiresAt: bound(expiresAt, "expiresAt"),
        version: nextVersion,
      })
      .where(and(isPartition, eq(version, bound(version, "version"))))
      .prepare("entrada_token_cache_replace"),
    deleteUnused: prepareDeleteUnused(database),
    deleteExpired: prepareDeleteExpired(database),
  };
}

function preparePut(database: NodePgDatabase) {
  return database
    .insert(tokenCacheTable)
    .values({
      partitionKey: bound(partitionKey, "partitionKey"),
      sealedCache: bound(sealedCache, "sealedCache"),
      version: 1,
      expiresAt: bound(expiresAt, "expiresAt"),
    })
    .onConflictDoUpdate({
      target: partitionKey,
      set: {
        sealedCache: excluded(sealedCache),
        expiresAt: excluded(expiresAt),
        version: nextVersion,
      },
    })
    .prepare("entrada_token_cache_put");
}

// The statement sees the sessions of the moment it began at. Tokens that were written since may be those of a session
// that has started since: their version is another one than this statement saw, and they stay.
function prepareDeleteUnused(database: NodePgDatabase) {
  const seen = database
    .select({ version })
    .from(tokenCacheTable)
    .where(isPartition);
  const using = database
    .select({ id: sessionTable.id })
    .from(sessionTable)
    .where(
      eq(
        sessionTable.partitionKey,
        bound(sessionTable.partitionKey, "partitionKey"),
      ),
    );
  return database
    .delete(tokenCacheTable)
    .where(and(isPartition, eq(version, sql`${seen}`), notExists(using)))
    .prepare("entrada_token_cache_delete_unused");
}

function prepareDeleteExpired(database: NodePgDatabase) {
  const expired = database
    .select({ partitionKey })
    .from(tokenCacheTable)
    .where(lte(expiresAt, bound(expiresAt, "now")))
    .orderBy(expiresAt)
    .limit(sql.placeholder("limit"))
    .for("update", { skipLocked: true });
  return database
    .delete(tokenCacheTable)
    .where(isAnyOf(partitionKey, expired))
    .prepare("entrada_token_cache_delete_expired");
}
