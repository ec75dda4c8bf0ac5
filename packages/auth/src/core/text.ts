// A lone surrogate, which no database stores, and NUL, which PostgreSQL does not store.
const unstorable = /\p{Surrogate}|\0/gu;

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
