/** The emulator's time: the given source, moved by what `advance` was told. */
export interface Clock {
  now(): Date;
  /** Moves the clock; a negative number moves it back. */
  advance(seconds: number): void;
}

/** Creates a clock on top of `source`. */
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
