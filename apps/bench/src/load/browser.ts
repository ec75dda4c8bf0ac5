import type { HttpClient, HttpRequest, HttpResponse } from "./http-client.js";

/** A browser that keeps cookies and sends what a browser sends with requests of a page of the same origin. */
export interface Browser {
  get(path: string): Promise<HttpResponse>;
  /** Follows a link from the identity provider, which is another site. */
  arrive(path: string): Promise<HttpResponse>;
  postJson(path: string, body: object): Promise<HttpResponse>;
  postForm(
    path: string,
    fields: Readonly<Record<string, string>>,
  ): Promise<HttpResponse>;
  /** The `Cookie` header. */
  cookie(): string;
}

export function createBrowser(client: HttpClient): Browser {
  const cookies = new Map<string, string>();
  const readCookies = () =>
    [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const send = async (
    request: HttpRequest,
    headers: Readonly<Record<string, string>>,
  ) => {
    const cookie = readCookies();
    const response = await client.send({
      ...request,
      headers: {
        ...headers,
        ...request.headers,
        ...(cookie === "" ? {} : { cookie }),
      },
    });
    keepCookies(cookies, response);
    return response;
  };
  const own = { "sec-fetch-site": "same-origin", "x-csrf": "1" };
  const posted = { ...own, origin: client.origin };
  return {
    get: (path) => send({ path }, own),
    arrive: (path) => send({ path }, { "sec-fetch-site": "cross-site" }),
    postJson: (path, body) =>
      send(
        { path, method: "POST", body: JSON.stringify(body) },
        { ...posted, "content-type": "application/json" },
      ),
    postForm: (path, fields) =>
      send(
        {
          path,
          method: "POST",
          body: new URLSearchParams(fields).toString(),
        },
        { ...posted, "content-type": "application/x-www-form-urlencoded" },
      ),
    cookie: readCookies,
  };
}

function keepCookies(
  cookies: Map<string, string>,
  { headers }: HttpResponse,
): void {
  const lines = headers["set-cookie"] ?? [];
  for (const line of typeof lines === "string" ? [lines] : lines) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === "" || /;\s*max-age=0/i.test(line)) cookies.delete(name);
    else cookies.set(name, value);
  }
}

/** Returns the `Location` of a redirect. @throws {Error} if the response is none. */
export function readLocation({ status, headers, text }: HttpResponse): string {
  const { location } = headers;
  if (status < 300 || status > 399 || typeof location !== "string")
    throw new Error(`Expected a redirect, found ${status}: ${cut(text)}`);
  return location;
}

/** Parses a JSON response with status 200. @throws {Error} for any other. */
export function readJson({ status, text }: HttpResponse): unknown {
  if (status !== 200)
    throw new Error(`Expected status 200, found ${status}: ${cut(text)}`);
  return JSON.parse(text);
}

function cut(text: string): string {
  return text.slice(0, 300);
}
