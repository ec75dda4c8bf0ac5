import type { IncomingMessage } from "node:http";

/** Returns a header by its lower-case name, with the values of a repeated header joined by commas. */
export function readHeaderOf(
  { headers }: IncomingMessage,
  name: string,
): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : value?.join(", ");
}
