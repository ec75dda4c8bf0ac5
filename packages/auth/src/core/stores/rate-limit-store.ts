/** The count of a rate limit for one key. */
export interface RateCount {
  /** How often the key was counted in this window, including this time. */
  readonly count: number;
  /** How long the window still lasts. */
  readonly remainingMilliseconds: number;
}

/** Stores the counts of rate limits. All servers of an application share it, so a limit applies to all of them together. */
export interface RateLimitStore {
  /**
   * Increments the count of the key in one atomic step: each concurrent caller gets a different number. The first count of
   * a key opens a window, by the clock of the process; later counts do not extend it. The first count after its end opens
   * a new window.
   */
  count(key: string, windowSeconds: number): Promise<RateCount>;

  /** Deletes at most `limit` counts whose window has passed and returns how many it deleted. */
  deleteExpired(now: Date, limit: number): Promise<number>;
}
