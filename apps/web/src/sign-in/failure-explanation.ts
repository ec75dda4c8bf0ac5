import type { Prompt } from "@entrada/auth/react";

/** A failure in plain words, for the person in front of the screen. */
export interface FailureExplanation {
  readonly title: string;
  readonly what: string;
  readonly next: string;
  /** What the button says that signs in again, if not "Try again". */
  readonly button?: string;
  /** How to try again, where the same account would only fail again. */
  readonly prompt?: Prompt;
}
