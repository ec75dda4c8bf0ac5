/** A parsed query: unchanged strings, and arrays for repeated names. */
export type Search = Record<string, string | string[]>;

/**
 * Parses a query without interpreting its values. The router's default parser converts `001` to the number 1, but deep
 * links and callback parameters must not change.
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

/** Formats a query: the inverse of `parseSearch`. */
export function formatSearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((item) => item !== undefined)
      .map((item) => [name, String(item)]),
  );
  const text = new URLSearchParams(pairs).toString();
  return text === "" ? "" : `?${text}`;
}
