/** A clock that a test moves. */
export interface TestClock {
  readonly now: () => Date;
  /** Moves the clock forward, or back if the number is negative. */
  advance(seconds: number): void;
}

const defaultStart = "2026-03-01T09:00:00.000Z";

/** Creates a clock that is stopped at the given instant. */
export function createTestClock(start = new Date(defaultStart)): TestClock {
  let milliseconds = start.getTime();
  return {
    now: () => new Date(milliseconds),
    advance: (seconds) => {
      milliseconds += seconds * 1000;
    },
  };
}
