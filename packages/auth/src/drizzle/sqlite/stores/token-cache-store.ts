import { and, eq, gt, inArray, lte, notExists, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { TokenCacheStore } from "../../../core/stores/token-cache-store.js";
import { isOfClient } from "../../client.js";
import type { RunQuery } from "../connection.js";
import { bound, excluded } from "../../placeholder.js";
import type { SqliteTables } from "../schema.js";
import { whenUsed } from "../statement.js";

/** Creates the token cache store on a migrated SQLite database. */
export function createSqliteTokenCacheStore(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  runQuery: RunQuery,
): TokenCacheStore {
  const statements = prepareStatements(database, tables);

  return {
    find: (partitionKey, now) =>
      runQuery((clientId) =>
        statements.find.get({ clientId, partitionKey, now }),
      ),
    put: (partition) =>
      runQuery((clientId) => {
        statements.put.run({ ...partition, clientId });
      }),
    replace: (partition) =>
      runQuery(
        (clientId) =>
          statements.replace.run({ ...partition, clientId }).changes > 0,
      ),
    deleteUnused: (partitionKey) =>
      runQuery((clientId) => {
        statements.deleteUnused.run({ clientId, partitionKey });
      }),
    deleteExpired: (now, limit) =>
      runQuery(
        (clientId) =>
          statements.deleteExpired.run({ clientId, now, limit }).changes,
      ),
  };
}

function prepareStatements(
  database: BetterSQLite3Database,
  tables: SqliteTables,
) {
  const { authTokenCache } = tables;
  const { partitionKey, sealedCache, version, expiresAt } = authTokenCache;
  const isUnexpired = gt(expiresAt, bound(expiresAt, "now"));
  const isVersionRead = eq(version, sql.placeholder("version"));

  return {
    find: whenUsed(() =>
      database
        .select({ partitionKey, sealedCache, version, expiresAt })
        .from(authTokenCache)
        .where(and(isPartition(tables), isUnexpired))
        .prepare(),
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
        .where(and(isPartition(tables), isVersionRead))
        .prepare(),
    ),
    deleteUnused: prepareDeleteUnused(database, tables),
    deleteExpired: prepareDeleteExpired(database, tables),
  };
}

function isPartition({ authTokenCache }: SqliteTables) {
  return and(
    isOfClient(authTokenCache),
    eq(authTokenCache.partitionKey, sql.placeholder("partitionKey")),
  );
}

function nextVersion({ version }: SqliteTables["authTokenCache"]) {
  return sql`${version} + 1`;
}

function preparePut(
  database: BetterSQLite3Database,
  { authTokenCache }: SqliteTables,
) {
  return whenUsed(() =>
    database
      .insert(authTokenCache)
      .values({
        clientId: sql.placeholder("clientId"),
        partitionKey: sql.placeholder("partitionKey"),
        sealedCache: sql.placeholder("sealedCache"),
        version: 1,
        expiresAt: sql.placeholder("expiresAt"),
      })
      .onConflictDoUpdate({
        target: [authTokenCache.clientId, authTokenCache.partitionKey],
        set: {
          sealedCache: excluded(authTokenCache.sealedCache),
          expiresAt: excluded(authTokenCache.expiresAt),
          version: nextVersion(authTokenCache),
        },
      })
      .prepare(),
  );
}

function prepareDeleteUnused(
  database: BetterSQLite3Database,
  tables: SqliteTables,
) {
  const { authSession, authTokenCache } = tables;
  const using = database
    .select({ id: authSession.id })
    .from(authSession)
    .where(
      and(
        eq(authSession.partitionKey, authTokenCache.partitionKey),
        eq(authSession.clientId, authTokenCache.clientId),
      ),
    );
  return whenUsed(() =>
    database
      .delete(authTokenCache)
      .where(and(isPartition(tables), notExists(using)))
      .prepare(),
  );
}

function prepareDeleteExpired(
  database: BetterSQLite3Database,
  { authTokenCache }: SqliteTables,
) {
  const { partitionKey, expiresAt } = authTokenCache;
  const isOwn = isOfClient(authTokenCache);
  const expired = database
    .select({ partitionKey })
    .from(authTokenCache)
    .where(and(isOwn, lte(expiresAt, bound(expiresAt, "now"))))
    .orderBy(expiresAt)
    .limit(sql.placeholder("limit"));
  return whenUsed(() =>
    database
      .delete(authTokenCache)
      .where(and(isOwn, inArray(partitionKey, expired)))
      .prepare(),
  );
}
