/** Keeps a browser's cookies for one origin. */
export interface CookieJar {
  /** The `Cookie` header of the next request; empty without cookies. */
  readonly header: () => string;
  readonly get: (name: string) => string | undefined;
  readonly names: () => readonly string[];
  /** Applies the `Set-Cookie` headers of a response. */
  readonly keep: (headers: Headers) => void;
}

/** Creates an empty jar. */
export function openCookieJar(): CookieJar {
  const cookies = new Map<string, string>();
  return {
    header: () =>
      [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
    get: (name) => cookies.get(name),
    names: () => [...cookies.keys()],
    keep: (headers) => {
      for (const line of headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (/; Max-Age=0(;|$)/.test(line)) cookies.delete(name);
        else cookies.set(name, value);
      }
    },
  };
}
