import { and, eq, gt, inArray, lte, notExists, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { TokenCacheStore } from "../../../core/stores/token-cache-store.js";
import type { Answer } from "../error.js";
import { bound, excluded } from "../../placeholder.js";
import type { SqliteTables } from "../schema.js";

/** Creates the token cache store on a migrated SQLite database. */
export function createSqliteTokenCacheStore(
  database: BetterSQLite3Database,
  tables: SqliteTables,
  answer: Answer,
): TokenCacheStore {
  const statements = prepareStatements(database, tables);

  return {
    find: (partitionKey, now) =>
      answer(() => statements.find.get({ partitionKey, now })),
    put: (partition) =>
      answer(() => {
        statements.put.run({ ...partition });
      }),
    replace: (partition) =>
      answer(() => statements.replace.run({ ...partition }).changes > 0),
    deleteUnused: (partitionKey) =>
      answer(() => {
        statements.deleteUnused.run({ partitionKey });
      }),
    deleteExpired: (now, limit) =>
      answer(() => statements.deleteExpired.run({ now, limit }).changes),
  };
}

function prepareStatements(
  database: BetterSQLite3Database,
  tables: SqliteTables,
) {
  const { authTokenCache } = tables;
  const isPartition = eq(
    authTokenCache.partitionKey,
    sql.placeholder("partitionKey"),
  );
  const isUnexpired = gt(
    authTokenCache.expiresAt,
    bound(authTokenCache.expiresAt, "now"),
  );
  const isVersionRead = eq(authTokenCache.version, sql.placeholder("version"));

  return {
    find: database
      .select()
      .from(authTokenCache)
      .where(and(isPartition, isUnexpired))
      .prepare(),
    put: preparePut(database, tables),
    replace: database
      .update(authTokenCache)
      .set({
        sealedCache: bound(authTokenCache.sealedCache, "sealedCache"),
        expiresAt: bound(authTokenCache.expiresAt, "expiresAt"),
        version: nextVersion(authTokenCache),
      })
      .where(and(isPartition, isVersionRead))
      .prepare(),
    deleteUnused: prepareDeleteUnused(database, tables),
    deleteExpired: prepareDeleteExpired(database, tables),
  };
}

function nextVersion({ version }: SqliteTables["authTokenCache"]) {
  return sql`${version} + 1`;
}

function preparePut(
  database: BetterSQLite3Database,
  { authTokenCache }: SqliteTables,
) {
  return database
    .insert(authTokenCache)
    .values({
      partitionKey: sql.placeholder("partitionKey"),
      sealedCache: sql.placeholder("sealedCache"),
      version: 1,
      expiresAt: sql.placeholder("expiresAt"),
    })
    .onConflictDoUpdate({
      target: authTokenCache.partitionKey,
      set: {
        sealedCache: excluded(authTokenCache.sealedCache),
        expiresAt: excluded(authTokenCache.expiresAt),
        version: nextVersion(authTokenCache),
      },
    })
    .prepare();
}

function prepareDeleteUnused(
  database: BetterSQLite3Database,
  { authSession, authTokenCache }: SqliteTables,
) {
  const using = database
    .select({ id: authSession.id })
    .from(authSession)
    .where(eq(authSession.partitionKey, authTokenCache.partitionKey));
  return database
    .delete(authTokenCache)
    .where(
      and(
        eq(authTokenCache.partitionKey, sql.placeholder("partitionKey")),
        notExists(using),
      ),
    )
    .prepare();
}

function prepareDeleteExpired(
  database: BetterSQLite3Database,
  { authTokenCache }: SqliteTables,
) {
  const expired = database
    .select({ partitionKey: authTokenCache.partitionKey })
    .from(authTokenCache)
    .where(
      lte(authTokenCache.expiresAt, bound(authTokenCache.expiresAt, "now")),
    )
    .orderBy(authTokenCache.expiresAt)
    .limit(sql.placeholder("limit"));
  return database
    .delete(authTokenCache)
    .where(inArray(authTokenCache.partitionKey, expired))
    .prepare();
}
