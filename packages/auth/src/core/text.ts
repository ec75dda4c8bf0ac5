// A lone surrogate, which no database stores, and NUL, which PostgreSQL does not store.
const unstorable = /\p{Surrogate}|\0/gu;
const maximumTextLength = 512;

/** Returns whether the text has no lone surrogate. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Replaces every character that a database cannot store with U+FFFD. */
export function toStorable(text: string): string {
  return text.replace(unstorable, "\u{FFFD}");
}

/** Truncates the text to at most this many UTF-16 code units, never inside a character, and makes it storable. */
export function cutText(text: string, maximumLength: number): string {
  const isInsideCharacter = (text.codePointAt(maximumLength - 1) ?? 0) > 0xffff;
  const length = isInsideCharacter ? maximumLength - 1 : maximumLength;
  return toStorable(text.slice(0, length));
}

/** Returns the text of a claim, at most 512 code units of it; `undefined` if it is empty or not a string. */
export function readText(claim: unknown): string | undefined {
  return typeof claim === "string" && claim !== ""
    ? cutText(claim, maximumTextLength)
    : undefined;
}

/** Returns the texts of a claim. A list with one element may arrive as a string. */
export function readTexts(claim: unknown): readonly string[] {
  return listTexts(typeof claim === "string" ? [claim] : claim);
}

/** Returns the texts of a claim that is a list. */
export function listTexts(claim: unknown): readonly string[] {
  return Array.isArray(claim)
    ? claim.flatMap((item) => readText(item) ?? [])
    : [];
}
