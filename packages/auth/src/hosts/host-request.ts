import type { ReadHeader } from "../http/same-origin.js";

/** A request as an adapter passes it to the core of all adapters. */
export interface HostRequest {
  readonly method: string;
  /** Path and query as the browser requested them, wherever the adapter is mounted. Begins with a slash. */
  readonly target: string;
  /** The target as the host's router understands it: decoded, or the same. */
  readonly routedTarget: string;
  readonly readHeader: ReadHeader;
  /** The address of the other end of the connection; `undefined` if the host does not know it. */
  readonly peerAddress: string | undefined;
  /** Creates the request to one of the sign-in routes. Called at most once, and only for those. */
  readonly createRequest: (url: string) => Request | Promise<Request>;
  /** Returns the fields of the body, or a promise of them, if the host has parsed it. */
  readonly readParsedBody: () => unknown;
}

/**
 * Returns path and query of a request line. The path alone counts: a client may also send an absolute URL, whose host
 * means nothing (RFC 9112 §3.2.2).
 */
export function readTarget(requestLine: string | undefined = "/"): string {
  if (requestLine.startsWith("/")) return requestLine;
  if (!URL.canParse(requestLine)) return "/";
  const { pathname, search } = new URL(requestLine);
  return `${pathname}${search}`;
}

/** Decodes a path as routers do that match decoded paths. Encoded reserved characters remain encoded. */
export function decodeTarget(target: string): string {
  const end = target.indexOf("?");
  const path = end < 0 ? target : target.slice(0, end);
  return `${decodePath(path)}${target.slice(path.length)}`;
}

function decodePath(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** Returns the request to a sign-in route of a host that has Fetch requests. */
export function copyRequest(request: Request, url: string): Request {
  const { method, headers, body, bodyUsed } = request;
  if (bodyUsed) return request;
  return new Request(url, {
    method,
    headers,
    ...(body === null ? {} : { body, duplex: "half" }),
  });
}

/**
 * Returns the body of a form that a body parser has read, in any of the shapes that body parsers produce; `undefined` for
 * any other value.
 */
export function formatParsedForm(parsed: unknown): string | undefined {
  if (typeof parsed === "string") return parsed;
  if (parsed instanceof Uint8Array) return new TextDecoder().decode(parsed);
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const fields = Object.entries(parsed).flatMap(([name, value]) =>
    [value]
      .flat()
      .flatMap((text: unknown) =>
        typeof text === "string" ? [[name, text]] : [],
      ),
  );
  return new URLSearchParams(fields).toString();
}
