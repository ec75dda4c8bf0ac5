export function addSeconds(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1000);
}

export function earlierOf(one: Date, other: Date): Date {
  return one.getTime() <= other.getTime() ? one : other;
}

/** Returns whether the instant is `now` or earlier. */
export function hasPassed(instant: Date, now: Date): boolean {
  return instant.getTime() <= now.getTime();
}
