import { and, eq, gt, lte, notExists, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

import type { TokenCacheStore } from "../../../core/stores/token-cache-store.js";
import { isOfClient } from "../../client.js";
import { bound, excluded } from "../../placeholder.js";
import type { Connections } from "../connection.js";
import { isAnyOf, nameStatement, whenUsed } from "../statement.js";
import type { PostgresTables } from "../schema.js";

/** Creates the token cache store on a migrated PostgreSQL database. */
export function createPostgresTokenCacheStore(
  connections: Connections,
): TokenCacheStore {
  const { runQuery } = connections.prepare(prepareStatements);

  return {
    find: (partitionKey, now) =>
      runQuery(async ({ find }, clientId) => {
        const [partition] = await find.execute({ clientId, partitionKey, now });
        return partition;
      }),
    put: (partition) =>
      runQuery(async ({ put }, clientId) => {
        await put.execute({ ...partition, clientId });
      }),
    replace: (partition) =>
      runQuery(async ({ replace }, clientId) => {
        const { rowCount } = await replace.execute({ ...partition, clientId });
        return rowCount === 1;
      }),
    deleteUnused: (partitionKey) =>
      runQuery(async ({ deleteUnused }, clientId) => {
        await deleteUnused.execute({ clientId, partitionKey });
      }),
    deleteExpired: (now, limit) =>
      runQuery(async ({ deleteExpired }, clientId) => {
        const values = { clientId, now, limit };
        const { rowCount } = await deleteExpired.execute(values);
        return rowCount ?? 0;
      }),
  };
}

function prepareStatements(database: NodePgDatabase, tables: PostgresTables) {
  const { authTokenCache } = tables;
  const { partitionKey, sealedCache, version, expiresAt } = authTokenCache;
  return {
    find: whenUsed(() =>
      database
        .select({ partitionKey, sealedCache, version, expiresAt })
        .from(authTokenCache)
        .where(
          and(
            isPartition(authTokenCache),
            gt(expiresAt, bound(expiresAt, "now")),
          ),
        )
        .prepare(nameStatement(authTokenCache, "find")),
    ),
    put: preparePut(database, tables),
    replace: whenUsed(() =>
      database
        .update(authTokenCache)
        .set({
          sealedCache: bound(sealedCache, "sealedCache"),
          expiresAt: bound(expiresAt, "expiresAt"),
          version: nextVersion(authTokenCache),
        })
        .where(
          and(
            isPartition(authTokenCache),
            eq(version, bound(version, "version")),
          ),
        )
        .prepare(nameStatement(authTokenCache, "replace")),
    ),
    deleteUnused: prepareDeleteUnused(database, tables),
    deleteExpired: prepareDeleteExpired(database, tables),
  };
}

function isPartition(
  table: PostgresTables["authTokenCache"] | PostgresTables["authSession"],
) {
  const { partitionKey } = table;
  return and(
    isOfClient(table),
    eq(partitionKey, bound(partitionKey, "partitionKey")),
  );
}

function nextVersion({ version }: PostgresTables["authTokenCache"]) {
  return sql`${version} + 1`;
}

function preparePut(
  database: NodePgDatabase,
  { authTokenCache }: PostgresTables,
) {
  const { clientId, partitionKey, sealedCache, expiresAt } = authTokenCache;
  return whenUsed(() =>
    database
      .insert(authTokenCache)
      .values({
        clientId: bound(clientId, "clientId"),
        partitionKey: bound(partitionKey, "partitionKey"),
        sealedCache: bound(sealedCache, "sealedCache"),
        version: 1,
        expiresAt: bound(expiresAt, "expiresAt"),
      })
      .onConflictDoUpdate({
        target: [clientId, partitionKey],
        set: {
          sealedCache: excluded(sealedCache),
          expiresAt: excluded(expiresAt),
          version: nextVersion(authTokenCache),
        },
      })
      .prepare(nameStatement(authTokenCache, "put")),
  );
}

// The statement sees the sessions that existed when it started. A session that starts later writes its tokens with another
// version than this statement saw, so they are not deleted.
function prepareDeleteUnused(
  database: NodePgDatabase,
  { authSession, authTokenCache }: PostgresTables,
) {
  const { version } = authTokenCache;
  const seen = database
    .select({ version })
    .from(authTokenCache)
    .where(isPartition(authTokenCache));
  const using = database
    .select({ id: authSession.id })
    .from(authSession)
    .where(isPartition(authSession));
  return whenUsed(() =>
    database
      .delete(authTokenCache)
      .where(
        and(
          isPartition(authTokenCache),
          eq(version, sql`${seen}`),
          notExists(using),
        ),
      )
      .prepare(nameStatement(authTokenCache, "delete_unused")),
  );
}

function prepareDeleteExpired(
  database: NodePgDatabase,
  { authTokenCache }: PostgresTables,
) {
  const { partitionKey, expiresAt } = authTokenCache;
  const isOwn = isOfClient(authTokenCache);
  const expired = database
    .select({ partitionKey })
    .from(authTokenCache)
    .where(and(isOwn, lte(expiresAt, bound(expiresAt, "now"))))
    .orderBy(expiresAt)
    .limit(sql.placeholder("limit"))
    .for("update", { skipLocked: true });
  return whenUsed(() =>
    database
      .delete(authTokenCache)
      .where(and(isOwn, isAnyOf(partitionKey, expired)))
      .prepare(nameStatement(authTokenCache, "delete_expired")),
  );
}
