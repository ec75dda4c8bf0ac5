import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { createPendingHeaders } from "./pending-headers.js";
import type { PendingHeaders } from "./pending-headers.js";
import { createContext } from "./trpc-host.js";
import type { AdmittedRequest, TrpcHost } from "./trpc-host.js";

/** A request for tRPC's own host. */
export interface StockRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly signal: AbortSignal;
  /** The whole body. */
  readonly body: Uint8Array<ArrayBuffer> | undefined;
}

/** tRPC's response, whose headers are in `headers`. */
export interface StockResponse {
  readonly response: Response;
  readonly headers: PendingHeaders;
}

const json = "application/json";
const eventStream = "text/event-stream";

/** Responds by tRPC's own host, and adds the headers of this one. */
export async function respondByTrpc<HostRequest>(
  host: TrpcHost<HostRequest>,
  stock: StockRequest,
  admitted: AdmittedRequest<HostRequest>,
): Promise<StockResponse> {
  const headers = createPendingHeaders(host.headers);
  const response = await fetchRequestHandler({
    endpoint: findEndpoint(stock.url, admitted.path),
    req: createRequest(stock),
    router: host.router,
    maxBatchSize: host.limits.maxBatchSize,
    createContext: () => createContext(host, admitted, headers),
    onError: host.report,
  });
  addTrpcHeaders(headers, response);
  return { response, headers };
}

/** Adds a content type to a POST without a body, so that procedures without input do not require one. */
function createRequest({ url, body, ...init }: StockRequest): Request {
  const { method, headers } = init;
  const isEmpty = body === undefined || body.byteLength === 0;
  if (method === "POST" && isEmpty && !headers.has("content-type"))
    headers.set("content-type", json);
  return new Request(url, isEmpty ? init : { ...init, body });
}

/** Returns the part of the path that tRPC cuts off. */
function findEndpoint(url: string, path: string): string {
  const { pathname } = new URL(url);
  const withoutSlash = pathname.replace(/\/$/, "");
  return withoutSlash.slice(0, withoutSlash.length - path.length);
}

function addTrpcHeaders(headers: PendingHeaders, response: Response): void {
  const type = response.headers.get("content-type");
  for (const [name, value] of response.headers) {
    if (name !== "content-type" && name !== "cache-control")
      headers.set(name, value);
  }
  // tRPC sets no type for a request that it cannot read.
  if (response.status < 400 && type !== null) headers.set("content-type", type);
  // No proxy may compress a stream, because that delays its events.
  if (type === eventStream)
    headers.set("cache-control", "no-store, no-transform");
}
