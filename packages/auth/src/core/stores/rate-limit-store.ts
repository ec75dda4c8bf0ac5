/** What a rate limit has counted for one key. */
export interface RateCount {
  /** How often the key was counted in this window, this time included. */
  readonly count: number;
  /** How long the window still lasts. */
  readonly remainingMilliseconds: number;
}

/** Counts what is limited. Every server of an application shares it, so that a limit holds however many there are. */
export interface RateLimitStore {
  /**
   * Counts the key once more, in one atomic step: of any number of concurrent callers each gets a number of its own. The
   * first count of a key opens a window, by the clock of the process; no later one makes it longer. Once it has passed,
   * the next count opens another.
   */
  count(key: string, windowSeconds: number): Promise<RateCount>;

  /** Removes at most `limit` counts whose window has passed and returns how many it removed. */
  deleteExpired(now: Date, limit: number): Promise<number>;
}
