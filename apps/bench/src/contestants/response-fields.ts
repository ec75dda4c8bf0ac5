/** Returns the string at this path of an object. @throws {Error} if there is none. */
export function readText(value: unknown, ...path: readonly string[]): string {
  let current = value;
  for (const name of path) {
    if (typeof current !== "object" || current === null) break;
    current = Reflect.get(current, name);
  }
  if (typeof current === "string") return current;
  throw new Error(
    `The response has no ${path.join(".")}: ${JSON.stringify(value)}`,
  );
}

/** @throws {Error} if the string at this path is another one. */
export function requireText(
  value: unknown,
  path: readonly string[],
  expected: string,
): void {
  const found = readText(value, ...path);
  if (found !== expected)
    throw new Error(`${path.join(".")} is ${found} instead of ${expected}.`);
}
