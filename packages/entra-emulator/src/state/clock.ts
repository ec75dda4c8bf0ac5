/** The emulator's clock: a source of time plus an offset. */
export interface Clock {
  now(): Date;
  /** Adds to the offset; the number may be negative. */
  advance(seconds: number): void;
}

export function createClock(source: () => Date): Clock {
  let offsetMilliseconds = 0;
  return {
    now: () => new Date(source().getTime() + offsetMilliseconds),
    advance: (seconds) => {
      offsetMilliseconds += seconds * 1000;
    },
  };
}

/** Returns the instant `seconds` after `date`. */
export function addSeconds(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}

/** Returns `date` as a JWT NumericDate. */
export function toNumericDate(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
