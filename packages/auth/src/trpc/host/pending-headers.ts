import type { ResponseHeaders } from "../../http/response-headers.js";

/** The headers of a response until they are sent. */
export interface PendingHeaders extends ResponseHeaders {
  /** Returns names and values in turn. */
  toList(): string[];
  toHeaders(): Headers;
}

/**
 * Creates the headers of one response, which begin with these. It replaces `Headers` on the hot path, where most
 * responses have no others.
 */
export function createPendingHeaders(
  initial: ReadonlyMap<string, string>,
): PendingHeaders {
  let headers = initial;
  let cookies: string[] | undefined;
  const put = (name: string, value: string) => {
    if (headers.get(name) !== value)
      headers = new Map(headers).set(name, value);
  };
  return {
    set: (anyCase, value) => {
      const name = anyCase.toLowerCase();
      if (name === "set-cookie") cookies = [value];
      else put(name, value);
    },
    append: (anyCase, value) => {
      const name = anyCase.toLowerCase();
      if (name === "set-cookie") (cookies ??= []).push(value);
      else put(name, [headers.get(name) ?? [], value].flat().join(", "));
    },
    getSetCookie: () => cookies ?? [],
    toList: () => {
      const list = [];
      for (const [name, value] of headers) list.push(name, value);
      for (const cookie of cookies ?? []) list.push("set-cookie", cookie);
      return list;
    },
    toHeaders: () => {
      const all = new Headers([...headers]);
      for (const cookie of cookies ?? []) all.append("set-cookie", cookie);
      return all;
    },
  };
}
