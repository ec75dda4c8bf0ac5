// Half of a surrogate pair, which no database keeps, and NUL, which PostgreSQL does not.
const unstorable = /\p{Surrogate}|\0/gu;
const replacement = "\uFFFD";

/**
 * Returns the text in a form that every database keeps, cut to at most this many UTF-16 code units, and never inside a
 * character.
 */
export function cutText(text: string, maximumLength: number): string {
  if (text.length <= maximumLength)
    return text.replace(unstorable, replacement);
  const isInsideCharacter = (text.codePointAt(maximumLength - 1) ?? 0) > 0xffff;
  const length = isInsideCharacter ? maximumLength - 1 : maximumLength;
  return text.slice(0, length).replace(unstorable, replacement);
}
