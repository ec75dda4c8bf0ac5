import { aadstsTable } from "./aadsts-table.js";

/** The members that a fault replaces. */
export interface ErrorOverride {
  readonly error?: string | undefined;
  readonly suberror?: string | undefined;
  readonly claims?: string | undefined;
}

/** An error of Entra ID with its AADSTS number. The endpoints convert it to a page, a redirect or JSON. */
export class AadstsError extends Error {
  override readonly name = "AadstsError";
  readonly code: number;
  /** The OAuth error, such as `invalid_grant`. */
  readonly error: string;
  readonly suberror: string | undefined;
  /** A claims challenge: JSON in a string. */
  readonly claims: string | undefined;

  constructor(code: number, ...details: readonly string[]) {
    const entry = aadstsTable[code] ?? {
      error: "invalid_request",
      text: "This error was injected by a fault.",
    };
    super(`AADSTS${code}: ${fill(entry.text, details)}`);
    this.code = code;
    this.error = entry.error;
    this.suberror = entry.suberror;
    this.claims = undefined;
  }

  /** Returns the same error with another OAuth error, suberror or claims challenge. */
  withAnswer(answer: ErrorOverride): AadstsError {
    return Object.assign(new AadstsError(this.code), {
      message: this.message,
      error: answer.error ?? this.error,
      suberror: answer.suberror ?? this.suberror,
      claims: answer.claims ?? this.claims,
    });
  }
}

/** The AADSTS numbers whose OAuth error and text the emulator knows. */
export const knownAadstsCodes: readonly number[] =
  Object.keys(aadstsTable).map(Number);

function fill(text: string, details: readonly string[]): string {
  return text.replace(
    /\{(\d)\}/g,
    (_, index: string) => details[Number(index)] ?? "",
  );
}
