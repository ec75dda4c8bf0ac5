import type { CallbackParameters } from "../core/sign-in/callback.js";

/**
 * Returns the query of the redirect URI as parameters for `completeSignIn`, or `undefined` if there is none. Values are
 * unchanged, and a repeated parameter becomes an array.
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
