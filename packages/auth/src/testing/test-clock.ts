/** A clock that moves when a test says so. */
export interface TestClock {
  readonly now: () => Date;
  /** Moves the clock forward, or back by a negative number. */
  advance(seconds: number): void;
}

const defaultStart = "2026-03-01T09:00:00.000Z";

/** Makes a clock that stands still at the given instant. */
export function createTestClock(start = new Date(defaultStart)): TestClock {
  let milliseconds = start.getTime();
  return {
    now: () => new Date(milliseconds),
    advance: (seconds) => {
      milliseconds += seconds * 1000;
    },
  };
}
