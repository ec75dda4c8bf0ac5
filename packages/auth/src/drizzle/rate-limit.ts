import { sql } from "drizzle-orm";
import type { Column, SQL } from "drizzle-orm";

import type { RateCount } from "../core/stores/rate-limit-store.js";
import { bound, excluded } from "./placeholder.js";

interface RateLimitColumns<Value> {
  readonly points: Value;
  readonly expire: Value;
}

/** Returns the values that an upsert sets on an existing row: an incremented count, or 1 in a new window. */
export function countAgain({
  points,
  expire,
}: RateLimitColumns<Column>): RateLimitColumns<SQL> {
  const isOpen = sql`${expire} > ${bound(expire, "now")}`;
  return {
    points: sql`case when ${isOpen} then ${points} + 1 else 1 end`,
    expire: sql`case when ${isOpen} then ${expire} else ${excluded(expire)} end`,
  };
}

/** Returns the values of the upsert's placeholders. */
export function toCountValues(key: string, windowSeconds: number, now: number) {
  return { key, now, expire: now + Math.round(windowSeconds * 1000) };
}

/** Returns the count that the upsert returned. */
export function toRateCount(
  row: { readonly points: number; readonly expire: number | null } | undefined,
  now: number,
): RateCount {
  if (row === undefined || row.expire === null)
    throw new Error("The upsert of a rate limit returned no window.");
  return { count: row.points, remainingMilliseconds: row.expire - now };
}
