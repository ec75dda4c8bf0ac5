/** The longest time for which an event loop was held. */
export interface LongestHold {
  /** While the thread was running. */
  readonly processorMilliseconds: number;
  /** Includes the time of other programs and of the disk. */
  readonly milliseconds: number;
}
