import type { HostRequest } from "./host-request.js";

/** Which other origins may call the app's own routes from a browser, with a bearer token and without cookies. */
export interface CorsOptions {
  /** Exact origins, such as `https://spa.example`. */
  readonly origins: readonly string[];
}

/** The parts of a request that CORS depends on. */
export type CorsRequest = Pick<HostRequest, "method" | "readHeader">;

/** Lets pages of other origins read responses. No response allows credentials, so they never depend on a cookie. */
export interface Cors {
  /** Returns the headers to add to a response. */
  createHeaders(request: CorsRequest): Readonly<Record<string, string>>;
  /** Returns the response to a preflight of one of the origins; `undefined` for any other request. */
  respond(request: CorsRequest): Response | undefined;
}

const preflightHeaders = {
  "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
  "access-control-allow-headers": "authorization, content-type",
  "access-control-max-age": "600",
} as const;

/**
 * Creates the CORS rules of an app.
 *
 * @throws {TypeError} if an origin is not one, such as `*` or an address with a path.
 * @see {@link https://fetch.spec.whatwg.org/#http-cors-protocol | Fetch, the CORS protocol}
 */
export function createCors(options?: CorsOptions): Cors {
  const origins = options?.origins ?? [];
  for (const origin of origins) requireOrigin(origin);
  const findOrigin = ({ readHeader }: CorsRequest) => {
    const origin = readHeader("origin");
    return origins.find((allowed) => allowed === origin);
  };
  const createHeaders: Cors["createHeaders"] = (request) => {
    if (origins.length === 0) return {};
    const origin = findOrigin(request);
    if (origin === undefined) return { vary: "Origin" };
    return {
      vary: "Origin",
      "access-control-allow-origin": origin,
      "access-control-expose-headers": "www-authenticate",
    };
  };
  return {
    createHeaders,
    respond: (request) => {
      const { method, readHeader } = request;
      const isPreflight =
        method === "OPTIONS" &&
        typeof readHeader("access-control-request-method") === "string";
      if (!isPreflight || findOrigin(request) === undefined) return undefined;
      const headers = { ...createHeaders(request), ...preflightHeaders };
      return new Response(undefined, { status: 204, headers });
    },
  };
}

function requireOrigin(origin: string): void {
  const isExact =
    /^https?:[^*]+$/.test(origin) &&
    URL.canParse(origin) &&
    new URL(origin).origin === origin;
  if (!isExact)
    throw new TypeError(
      `"${origin}" in cors.origins is not an origin. Use scheme, host and port alone, such as "https://spa.example".`,
    );
}
