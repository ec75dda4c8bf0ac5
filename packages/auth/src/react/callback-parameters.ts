import type { CallbackParameters } from "./auth-client.js";

/**
 * Returns the query of the redirect URI as `completeSignIn` takes it, or `undefined` if there is none. Texts stay as
 * they came, and a repeated parameter becomes an array.
 */
export function readCallbackParameters(
  search: string,
): CallbackParameters | undefined {
  const query = new URLSearchParams(search);
  const names = new Set(query.keys());
  if (names.size === 0) return undefined;

  return Object.fromEntries(
    [...names].map((name) => {
      const values = query.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}
