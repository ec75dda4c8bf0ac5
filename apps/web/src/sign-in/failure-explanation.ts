import type { Prompt } from "@entrada/auth/react";

/** A failure in plain words, for the visitor. */
export interface FailureExplanation {
  readonly title: string;
  readonly what: string;
  readonly next: string;
  /** The label of the button that starts a new sign-in. Defaults to "Try again". */
  readonly button?: string;
  /** The prompt of a new sign-in, if the same account would fail again. */
  readonly prompt?: Prompt;
}
