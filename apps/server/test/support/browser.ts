/** A browser as far as HTTP goes: keeps cookies for each host and path, follows nothing by itself. */
export interface Browser {
  /** Sends one request and keeps the cookies of its answer. Redirects are answered, not followed. */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** The cookies that would go to this URL, by name. */
  cookies(url: string): ReadonlyMap<string, string>;
  setCookie(url: string, name: string, value: string): void;
}

/** Makes a browser with an empty cookie jar. Like a real one it does not tell ports apart. */
export function createBrowser(): Browser {
  const jar = new Map<string, Map<string, string>>();
  const readJar = (url: string) => {
    const { hostname } = new URL(url);
    const cookies = jar.get(hostname) ?? new Map<string, string>();
    jar.set(hostname, cookies);
    return cookies;
  };

  return {
    cookies: readJar,
    setCookie: (url, name, value) => readJar(url).set(name, value),
    fetch: async (url, init = {}) => {
      const headers = new Headers(init.headers);
      const sent = [...readJar(url)].map(([name, value]) => `${name}=${value}`).join("; ");
      if (sent !== "" && !headers.has("cookie")) headers.set("cookie", sent);
      const response = await fetch(url, { ...init, headers, redirect: "manual" });
      for (const line of response.headers.getSetCookie()) keep(readJar(url), line);
      return response;
    },
  };
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
  const name = pair.slice(0, pair.indexOf("="));
  const isRemoval = attributes.some((attribute) => /^max-age=0$/i.test(attribute) || /^expires=Thu, 01 Jan 1970/i.test(attribute));
  if (isRemoval) cookies.delete(name);
  else cookies.set(name, pair.slice(pair.indexOf("=") + 1));
}
