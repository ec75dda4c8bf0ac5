import type { IncomingMessage } from "node:http";

/** Returns a header by its name in lower case; one that was repeated as a list. */
export function readHeaderOf(
  { headers }: IncomingMessage,
  name: string,
): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : value?.join(", ");
}
