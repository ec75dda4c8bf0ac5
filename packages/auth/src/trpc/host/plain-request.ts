import type { IncomingMessage } from "node:http";
import { hasBody, hasValidHost } from "./node-request.js";
import type { TrpcHost } from "./trpc-host.js";

/** JSON calls of known procedures, of the type that the HTTP method means. */
export interface PlainRequest {
  /** The path below the endpoint, such as `/auth.me`. */
  readonly path: string;
  readonly type: "query" | "mutation";
  readonly procedures: readonly string[];
  readonly isBatch: boolean;
  /** The `input` of the query of a GET. */
  readonly input: string | null;
}

/** Letters, digits, dots and commas need no decoding, and no such path has a dot segment that is a procedure. */
const plainPath = /^\/[\w.,-]+$/;
/** The characters that `URL` neither changes nor cuts off. */
const plainQuery = /^[!$-~]*$/;
const types = { GET: "query", POST: "mutation" } as const;

/**
 * Returns the calls of a request that this host can make itself; `undefined` for every other request, which is left to
 * tRPC's own host as a whole: unknown and lazily loaded procedures, a procedure of another type, streams,
 * subscriptions, other content types, and addresses that have to be parsed.
 */
export function readPlainRequest<HostRequest>(
  host: TrpcHost<HostRequest>,
  incoming: IncomingMessage,
): PlainRequest | undefined {
  const { method, url = "" } = incoming;
  if (method !== "GET" && method !== "POST") return undefined;
  const separator = url.indexOf("?");
  const hasQuery = separator >= 0;
  const path = host.endpoint.cut(hasQuery ? url.slice(0, separator) : url);
  if (path === undefined || !plainPath.test(path)) return undefined;
  const query = hasQuery ? url.slice(separator + 1) : "";
  if (!plainQuery.test(query) || !hasPlainHeaders(incoming)) return undefined;

  const parameters = query === "" ? undefined : new URLSearchParams(query);
  if (parameters?.has("connectionParams") === true) return undefined;
  const isBatch = parameters?.get("batch") === "1";
  const name = path.slice(1);
  const procedures = isBatch ? name.split(",") : [name];
  const type = types[method];
  return procedures.length <= host.limits.maxBatchSize &&
    procedures.every((procedure) => isProcedure(host, procedure, type))
    ? {
        path,
        type,
        procedures,
        isBatch,
        input: parameters?.get("input") ?? null,
      }
    : undefined;
}

function isProcedure<HostRequest>(
  { procedures }: TrpcHost<HostRequest>,
  path: string,
  type: PlainRequest["type"],
): boolean {
  const { _def: definition } = procedures[path] ?? {};
  return definition?.type === type;
}

function hasPlainHeaders(incoming: IncomingMessage): boolean {
  const { headers } = incoming;
  const contentType = headers["content-type"];
  return (
    !("body" in incoming) &&
    headers["trpc-accept"] === undefined &&
    headers.accept?.includes("application/jsonl") !== true &&
    (contentType === undefined
      ? incoming.method === "GET" || !hasBody(incoming)
      : contentType.startsWith("application/json")) &&
    hasValidHost(incoming)
  );
}
