// Half of a surrogate pair, which no database stores, and NUL, which PostgreSQL does not.
const unstorable = /\p{Surrogate}|\0/gu;

/** Returns whether the text has no half of a surrogate pair. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Returns the text with U+FFFD in place of every character that a database cannot store. */
export function toStorable(text: string): string {
  return text.replace(unstorable, "\u{FFFD}");
}

/** Returns the storable text, cut to at most this many UTF-16 code units, and never inside a character. */
export function cutText(text: string, maximumLength: number): string {
  const isInsideCharacter =
    text.length > maximumLength &&
    (text.codePointAt(maximumLength - 1) ?? 0) > 0xffff;
  const length = isInsideCharacter ? maximumLength - 1 : maximumLength;
  return toStorable(text.slice(0, length));
}
