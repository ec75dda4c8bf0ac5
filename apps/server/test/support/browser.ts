/** An HTTP client that keeps cookies by the rules of browsers and does not follow redirects. */
export interface Browser {
  /** Sends one request and keeps the cookies of the response. Returns redirects instead of following them. */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** Returns the cookies that would be sent to this URL, by name. */
  cookies(url: string): ReadonlyMap<string, string>;
  setCookie(url: string, name: string, value: string): void;
}

export interface BrowserOptions {
  /** The origins to which requests are sent instead, by origin. Replaces a TLS proxy in front of an HTTP server. */
  readonly proxies?: Readonly<Record<string, string>>;
}

interface Cookie {
  readonly value: string;
  readonly isSecure: boolean;
}

/** Creates a browser without cookies. As in real browsers, the ports of a host share cookies. */
export function createBrowser({ proxies = {} }: BrowserOptions = {}): Browser {
  const jars = new Map<string, Map<string, Cookie>>();
  const readJar = (url: string) => {
    const { hostname } = new URL(url);
    const jar = jars.get(hostname) ?? new Map<string, Cookie>();
    jars.set(hostname, jar);
    return jar;
  };
  const cookies = (url: string) => {
    const isSecure = url.startsWith("https:");
    const sent = [...readJar(url)].filter(
      ([, cookie]) => isSecure || !cookie.isSecure,
    );
    return new Map(sent.map(([name, { value }]) => [name, value]));
  };

  return {
    cookies,
    setCookie: (url, name, value) =>
      readJar(url).set(name, { value, isSecure: url.startsWith("https:") }),
    fetch: async (url, init = {}) => {
      const headers = new Headers(init.headers);
      const sent = [...cookies(url)].map(([name, value]) => `${name}=${value}`);
      if (sent.length > 0 && !headers.has("cookie"))
        headers.set("cookie", sent.join("; "));
      const response = await fetch(reroute(url, proxies), {
        ...init,
        headers,
        redirect: "manual",
      });
      for (const line of response.headers.getSetCookie())
        keepCookie(readJar(url), line, url);
      return response;
    },
  };
}

function reroute(
  url: string,
  proxies: Readonly<Record<string, string>>,
): string {
  const { origin } = new URL(url);
  const target = proxies[origin];
  return target === undefined ? url : `${target}${url.slice(origin.length)}`;
}

function keepCookie(jar: Map<string, Cookie>, line: string, url: string): void {
  const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
  const name = pair.slice(0, pair.indexOf("="));
  const has = (attribute: RegExp) =>
    attributes.some((candidate) => attribute.test(candidate));
  const isSecure = has(/^secure$/i);
  if (isSecure && !url.startsWith("https:")) return;
  if (name.startsWith("__Host-")) {
    const isHostOnly = isSecure && has(/^path=\/$/i) && !has(/^domain=/i);
    if (!isHostOnly) return;
  }
  if (name.startsWith("__Host-Http-") && !has(/^httponly$/i)) return;

  if (has(/^max-age=0$/i)) jar.delete(name);
  else jar.set(name, { value: pair.slice(pair.indexOf("=") + 1), isSecure });
}
