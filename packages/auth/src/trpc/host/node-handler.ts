import type { IncomingMessage, ServerResponse } from "node:http";
import type { AnyTRPCRouter } from "@trpc/server";
import { createHeaderReader } from "../../http/node-headers.js";
import type { TrpcHandlerOptions } from "./host-options.js";
import {
  createEndSignal,
  hasValidHost,
  readBody,
  toHeaders,
} from "./node-request.js";
import {
  send,
  sendFailure,
  sendRefusal,
  sendStockResponse,
} from "./node-response.js";
import { createPendingHeaders } from "./pending-headers.js";
import { callPlainly } from "./plain-calls.js";
import { readPlainRequest } from "./plain-request.js";
import type { PlainRequest } from "./plain-request.js";
import {
  createAddressError,
  findRefusal,
  refuse,
  refuseBody,
} from "./refusal.js";
import { respondByTrpc } from "./stock-response.js";
import type { StockRequest } from "./stock-response.js";
import { createContext, createLateHost } from "./trpc-host.js";
import type { AdmittedRequest, TrpcHost } from "./trpc-host.js";

/** A listener of `node:http`. */
export type NodeListener = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) => unknown;

/** A request to the API whose address was parsed. */
interface Target {
  /** The path below the endpoint, such as `/auth.me`. */
  readonly path: string;
  readonly url: string;
}

const byteOrderMark = "\uFEFF";
/** The methods that a `Request` does not have. */
const foreignMethods: readonly string[] = ["CONNECT", "TRACE", "TRACK"];

/**
 * Creates the listener of a tRPC router for `node:http`. It refuses requests from other sites, limits body and batch,
 * and sets the headers and cookies of every response.
 *
 * Plain JSON calls, which are most, are made without `Request` and `Response`. All others are made by tRPC's own host.
 *
 * @param fallback Responds to requests outside the endpoint. Without it, the response is 404.
 * @example
 * createServer(createTrpcNodeHandler({ auth, router })).listen(3000, "localhost");
 */
export function createTrpcNodeHandler<Router extends AnyTRPCRouter>(
  options: TrpcHandlerOptions<Router, IncomingMessage>,
  fallback: NodeListener = respondNotFound,
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  const readHost = createLateHost<IncomingMessage>(options);
  return (incoming, outgoing) => {
    // The host cannot be created if the variables of `auth` are not valid. The fallback may fail, too.
    try {
      const result = respond(readHost(), incoming, outgoing, fallback);
      if (result instanceof Promise)
        result.catch((error: unknown) => sendFailure(outgoing, error));
    } catch (error) {
      sendFailure(outgoing, error);
    }
  };
}

function respond(
  host: TrpcHost<IncomingMessage>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fallback: NodeListener,
): unknown {
  const plain = readPlainRequest(host, incoming);
  const target = plain ?? readTarget(host, incoming);
  if (target === undefined) return fallback(incoming, outgoing);
  const admitted = createAdmittedRequest(host, incoming, target.path);
  return "url" in target
    ? respondToTarget(host, admitted, outgoing, target)
    : respondPlainly(host, admitted, outgoing, target);
}

function createAdmittedRequest(
  { readClientAddress }: TrpcHost<IncomingMessage>,
  req: IncomingMessage,
  path: string,
): AdmittedRequest<IncomingMessage> {
  const readHeader = createHeaderReader(req);
  const forwardedFor = readHeader("x-forwarded-for");
  const readAddress = () =>
    readClientAddress(req.socket.remoteAddress, forwardedFor);
  // For its warning about an untrusted proxy. Most requests are not rate limited, so nothing else reads their address.
  if (forwardedFor !== undefined) readAddress();
  const { url = "", method = "" } = req;
  return { req, url, path, method, readHeader, readAddress };
}

async function respondPlainly(
  host: TrpcHost<IncomingMessage>,
  admitted: AdmittedRequest<IncomingMessage>,
  outgoing: ServerResponse,
  request: PlainRequest,
): Promise<void> {
  const { req } = admitted;
  const refusal = findRefusal(host, admitted);
  if (refusal !== undefined) return sendRefusal(host, req, outgoing, refusal);
  const bytes =
    request.type === "query" ? undefined : await readBody(host, req);
  if (typeof bytes === "string")
    return sendRefusal(host, req, outgoing, refuseBody(bytes));
  const body = bytes?.toString() ?? "";
  // `Request` removes it. No client sends one.
  if (body.startsWith(byteOrderMark)) {
    const url = `${host.origin}${req.url ?? ""}`;
    return sendByTrpc(host, admitted, outgoing, { url, body: bytes });
  }
  const headers = createPendingHeaders(host.headers);
  const disconnect = new AbortController();
  const abort = () => disconnect.abort();
  outgoing.once("close", abort);
  const response = await callPlainly({
    host,
    request,
    body,
    signal: disconnect.signal,
    createContext: () => createContext(host, admitted, headers),
  });
  outgoing.off("close", abort);
  send(outgoing, response.status, headers.toList(), response.body);
}

/** Parses an address that is not plain. Returns `undefined` if it is not within the endpoint. */
function readTarget(
  { origin, endpoint }: TrpcHost<IncomingMessage>,
  { url: sent = "" }: IncomingMessage,
): Target | undefined {
  const [address = ""] = sent.split("?");
  const full = sent.startsWith("/") ? `${origin}${sent}` : sent;
  // `URL` would make a slash of a backslash, and proxies may not.
  if (address.includes("\\") || !URL.canParse(full)) return undefined;
  const { pathname, search } = new URL(full);
  const path = endpoint.cut(pathname);
  return path === undefined
    ? undefined
    : { path, url: `${origin}${pathname}${search}` };
}

async function respondToTarget(
  host: TrpcHost<IncomingMessage>,
  admitted: AdmittedRequest<IncomingMessage>,
  outgoing: ServerResponse,
  { path, url }: Target,
): Promise<void> {
  const { req, method } = admitted;
  const isUnknown = foreignMethods.includes(method) || !hasValidHost(req);
  const refusal = isUnknown
    ? refuse(host, createAddressError(), path)
    : findRefusal(host, admitted);
  if (refusal !== undefined) return sendRefusal(host, req, outgoing, refusal);
  // `Request` permits no body for these. tRPC does not read it.
  const isBodiless = method === "GET" || method === "HEAD";
  const body = isBodiless ? undefined : await readBody(host, req);
  if (typeof body === "string")
    return sendRefusal(host, req, outgoing, refuseBody(body));
  return sendByTrpc(host, admitted, outgoing, { url, body });
}

async function sendByTrpc(
  host: TrpcHost<IncomingMessage>,
  admitted: AdmittedRequest<IncomingMessage>,
  outgoing: ServerResponse,
  { url, body }: Pick<StockRequest, "url" | "body">,
): Promise<void> {
  const { req, method } = admitted;
  const signal = createEndSignal(outgoing);
  const stock = { url, method, signal, body, headers: toHeaders(req) };
  await sendStockResponse(outgoing, await respondByTrpc(host, stock, admitted));
}

function respondNotFound(_: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.writeHead(404, {
    "cache-control": "no-store",
    "content-type": "text/plain; charset=utf-8",
  });
  outgoing.end("Not found.");
}
