/**
 * Requires that a guard has only known options.
 *
 * @throws {TypeError} for any other, because a guard with a misspelt option would admit every caller.
 */
export function requireKnownOptions(
  guard: string,
  options: object,
  names: readonly string[],
): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new TypeError(
      `${guard} has no option "${unknown}": it has ${names.join(", ")}.`,
    );
}
