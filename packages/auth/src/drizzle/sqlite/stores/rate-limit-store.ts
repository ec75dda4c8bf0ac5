import type { Database, Statement } from "better-sqlite3";
import { inArray, lte, sql } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";

import type { RateLimitStore } from "../../../core/stores/rate-limit-store.js";
import { createRateLimitCounter } from "../../rate-limit-counter.js";
import type { Answer } from "../error.js";
import { rateLimitTable } from "../schema.js";

/** Creates the store of the rate limits on a migrated SQLite database. */
export function createSqliteRateLimitStore(
  client: Database,
  database: BetterSQLite3Database,
  answer: Answer,
): RateLimitStore {
  const expired = prepareDeleteExpired(database);

  return {
    count: createRateLimitCounter(
      (library, defaults) =>
        new library.RateLimiterSQLite({
          ...defaults,
          storeClient: createStoreClient(client),
          storeType: "better-sqlite3",
        }),
      answer,
    ),
    deleteExpired: (now, limit) =>
      answer(() => expired.run({ now: now.getTime(), limit }).changes),
  };
}

/** What of better-sqlite3 the library's limiter calls. */
interface StoreClient {
  prepare(text: string): Statement;
  transaction<Result>(query: () => Result): () => Result;
}

// Left to itself, the library compiles its statement again at each count and puts a transaction around it, which makes a
// count cost five times as much. The statement is one upsert, and that is atomic alone.
function createStoreClient(client: Database): StoreClient {
  const statements = new Map<string, Statement>();
  return {
    prepare: (text) => {
      const statement = statements.get(text) ?? client.prepare(text);
      statements.set(text, statement);
      return statement;
    },
    transaction: (query) => query,
  };
}

function prepareDeleteExpired(database: BetterSQLite3Database) {
  const expired = database
    .select({ key: rateLimitTable.key })
    .from(rateLimitTable)
    .where(lte(rateLimitTable.expire, sql.placeholder("now")))
    .orderBy(rateLimitTable.expire)
    .limit(sql.placeholder("limit"));
  return database
    .delete(rateLimitTable)
    .where(inArray(rateLimitTable.key, expired))
    .prepare();
}
