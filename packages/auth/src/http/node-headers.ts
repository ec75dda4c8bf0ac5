import type { ReadHeader } from "./same-origin.js";

/** The headers of a request of Node, by HTTP/1 or HTTP/2. */
export interface NodeHeaders {
  readonly headers: Readonly<
    Record<string, string | readonly string[] | undefined>
  >;
  /** Names and values alternate. */
  readonly rawHeaders: readonly string[];
}

/** Returns a function that reads a header, with the values of a repeated one joined by commas. */
export function createHeaderReader(incoming: NodeHeaders): ReadHeader {
  return (name) => {
    const value = incoming.headers[name];
    if (typeof value === "object") return value.join(", ");
    // Node drops a repeated one, which a guard must see.
    return name === "authorization" && value !== undefined
      ? (joinRepeated(incoming, name) ?? value)
      : value;
  };
}

/** Returns the values of a repeated header, joined by commas; `undefined` for any other header. */
function joinRepeated(
  { rawHeaders }: NodeHeaders,
  name: string,
): string | undefined {
  const values = rawHeaders.filter(
    (_, index) =>
      index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name,
  );
  return values.length > 1 ? values.join(", ") : undefined;
}
