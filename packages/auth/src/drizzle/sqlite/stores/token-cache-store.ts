import { and, eq, gt, inArray, lte, notExists, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { TokenCacheStore } from "../../../core/stores/token-cache-store.js";
import type { Answer } from "../error.js";
import { bound, excluded } from "../../placeholder.js";
import { sessionTable, tokenCacheTable } from "../schema.js";

/** Creates the token cache store on a migrated SQLite database. */
export function createSqliteTokenCacheStore(
  database: BetterSQLite3Database,
  answer: Answer,
): TokenCacheStore {
  const statements = prepareStatements(database);

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

function prepareStatements(database: BetterSQLite3Database) {
  const isPartition = eq(
    tokenCacheTable.partitionKey,
    sql.placeholder("partitionKey"),
  );
  const isUnexpired = gt(
    tokenCacheTable.expiresAt,
    bound(tokenCacheTable.expiresAt, "now"),
  );
  const isVersionRead = eq(tokenCacheTable.version, sql.placeholder("version"));

  return {
    find: database
      .select()
      .from(tokenCacheTable)
      .where(and(isPartition, isUnexpired))
      .prepare(),
    put: preparePut(database),
    replace: database
      .update(tokenCacheTable)
      .set({
        sealedCache: bound(tokenCacheTable.sealedCache, "sealedCache"),
        expiresAt: bound(tokenCacheTable.expiresAt, "expiresAt"),
        version: nextVersion,
      })
      .where(and(isPartition, isVersionRead))
      .prepare(),
    deleteUnused: prepareDeleteUnused(database),
    deleteExpired: prepareDeleteExpired(database),
  };
}

const nextVersion = sql`${tokenCacheTable.version} + 1`;

function preparePut(database: BetterSQLite3Database) {
  return database
    .insert(tokenCacheTable)
    .values({
      partitionKey: sql.placeholder("partitionKey"),
      sealedCache: sql.placeholder("sealedCache"),
      version: 1,
      expiresAt: sql.placeholder("expiresAt"),
    })
    .onConflictDoUpdate({
      target: tokenCacheTable.partitionKey,
      set: {
        sealedCache: excluded(tokenCacheTable.sealedCache),
        expiresAt: excluded(tokenCacheTable.expiresAt),
        version: nextVersion,
      },
    })
    .prepare();
}

function prepareDeleteUnused(database: BetterSQLite3Database) {
  const using = database
    .select({ id: sessionTable.id })
    .from(sessionTable)
    .where(eq(sessionTable.partitionKey, tokenCacheTable.partitionKey));
  return database
    .delete(tokenCacheTable)
    .where(
      and(
        eq(tokenCacheTable.partitionKey, sql.placeholder("partitionKey")),
        notExists(using),
      ),
    )
    .prepare();
}

function prepareDeleteExpired(database: BetterSQLite3Database) {
  const expired = database
    .select({ partitionKey: tokenCacheTable.partitionKey })
    .from(tokenCacheTable)
    .where(
      lte(tokenCacheTable.expiresAt, bound(tokenCacheTable.expiresAt, "now")),
    )
    .orderBy(tokenCacheTable.expiresAt)
    .limit(sql.placeholder("limit"));
  return database
    .delete(tokenCacheTable)
    .where(inArray(tokenCacheTable.partitionKey, expired))
    .prepare();
}
