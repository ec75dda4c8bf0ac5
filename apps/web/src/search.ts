/** A query as the router keeps it: texts as they came, arrays for repeated names. */
export type Search = Record<string, string | string[]>;

/**
 * Reads a query without interpreting it. The router's own reading takes `001` for a number and writes it back as `1`;
 * a deep link, and the callback's parameters above all, have to stay as they are.
 */
export function parseSearch(text: string): Search {
  const query = new URLSearchParams(text);
  return Object.fromEntries(
    [...new Set(query.keys())].map((name) => {
      const values = query.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}

/** Writes a query: the inverse of `parseSearch`. */
export function formatSearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((item) => item !== undefined)
      .map((item) => [name, String(item)]),
  );
  const text = new URLSearchParams(pairs).toString();
  return text === "" ? "" : `?${text}`;
}
