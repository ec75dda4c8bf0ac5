import type { TRPCError } from "@trpc/server";
import type { Auth } from "../../core/auth.js";
import type { NoColumns } from "../../core/stores/user-extension.js";
import { clientAddressReaderOf } from "../../http/auth-limits.js";
import { createRequestAuthFactory } from "../../http/request-auth.js";
import type {
  CreateRequestAuth,
  RequestAuth,
} from "../../http/request-auth.js";
import { isWebSocketHandshake } from "../../http/same-origin.js";
import type { ReadHeader } from "../../http/same-origin.js";
import type { AuthContext } from "../auth-procedures.js";
import { startWatch } from "../session-watch.js";
import { reportToLog } from "./trpc-host.js";

/** What tRPC's own hosts pass to `createContext`. */
export interface TrpcContextOptions {
  /** The request of Node, Express, Fastify or Fetch. */
  readonly req: {
    readonly method?: string | undefined;
    readonly url?: string | undefined;
    /** A record with lower-case names, or `Headers`. */
    readonly headers: object;
    readonly socket?:
      { readonly remoteAddress?: string | undefined } | undefined;
  };
  /** The response, or the WebSocket of a connection. */
  readonly res?: unknown;
}

/** The options that tRPC's own hosts need for the procedures of this package. */
export interface TrpcOptions<Columns = NoColumns> {
  readonly createContext: (options: TrpcContextOptions) => AuthContext<Columns>;
  readonly responseMeta: (meta: { readonly ctx?: unknown }) => {
    readonly headers: Headers;
  };
  readonly onError: (failure: {
    readonly error: TRPCError;
    readonly path?: string | undefined;
  }) => void;
}

interface Socket {
  close(code: number, reason: string): void;
  once(event: "close", listener: () => void): void;
}

/** The close code for a connection that is no longer permitted (RFC 6455 §7.4.1). */
const policyViolation = 1008;

/**
 * Returns the options of tRPC's own hosts (standalone, Express, Fastify, Fetch) and of its WebSocket adapter. The limits
 * of body and batch are the host's: set `maxBatchSize`, and `maxBodySize` or a body parser's limit.
 *
 * @example
 * app.use("/trpc", createExpressMiddleware({ router, maxBatchSize: 20, ...trpcOptions(auth) }));
 */
export function trpcOptions<Columns = NoColumns>(
  auth: Auth<Columns>,
): TrpcOptions<Columns> {
  let createRequestAuth: CreateRequestAuth<Columns> | undefined;
  const headersOf = new WeakMap<RequestAuth, Headers>();
  return {
    createContext: ({ req, res }) => {
      createRequestAuth ??= createRequestAuthFactory({ auth });
      const readHeader = createAnyHeaderReader(req.headers);
      const responseHeaders = new Headers();
      const requestAuth = createRequestAuth({
        url: req.url,
        method: req.method,
        readHeader,
        responseHeaders,
        get clientAddress() {
          return readAddress(auth, req.socket?.remoteAddress, readHeader);
        },
      });
      const isConnection = isWebSocketHandshake(readHeader) && isSocket(res);
      if (isConnection) void watchConnection(res, requestAuth);
      const context = isConnection ? withoutWatch(requestAuth) : requestAuth;
      headersOf.set(context, responseHeaders);
      return { auth: context };
    },
    // Without a context, no procedure has set a header.
    responseMeta: ({ ctx }) => ({
      headers:
        findHeaders(headersOf, ctx) ??
        new Headers({ "cache-control": "no-store" }),
    }),
    onError: (failure) => reportToLog(auth, failure),
  };
}

/** The app may have added to the context, so `auth` identifies it. */
function findHeaders(
  headersOf: WeakMap<RequestAuth, Headers>,
  context: unknown,
): Headers | undefined {
  return hasAuth(context) ? headersOf.get(context.auth) : undefined;
}

function hasAuth(context: unknown): context is AuthContext {
  return (
    typeof context === "object" &&
    context !== null &&
    "auth" in context &&
    typeof context.auth === "object" &&
    context.auth !== null
  );
}

function createAnyHeaderReader(headers: object): ReadHeader {
  if (headers instanceof Headers) return (name) => headers.get(name);
  return (name) => {
    const value: unknown = Reflect.get(headers, name);
    return Array.isArray(value) ? value.join(", ") : toText(value);
  };
}

function toText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A Fetch host does not know the address of its client. */
function readAddress(
  auth: Auth,
  peerAddress: string | undefined,
  readHeader: ReadHeader,
): string | undefined {
  return peerAddress === undefined
    ? undefined
    : clientAddressReaderOf(auth)(peerAddress, readHeader("x-forwarded-for"));
}

function isSocket(value: unknown): value is Socket {
  return (
    typeof value === "object" &&
    value !== null &&
    "close" in value &&
    typeof value.close === "function" &&
    "once" in value &&
    typeof value.once === "function"
  );
}

/** The end of the connection ends its subscriptions, and aborts their signals. */
function withoutWatch<Columns>(
  auth: RequestAuth<Columns>,
): RequestAuth<Columns> {
  return { ...auth, recheckSession: async () => undefined };
}

/**
 * Closes the connection when its session has ended, because all its calls use the session of the handshake. The client
 * connects again, with the cookies that the browser has then.
 */
async function watchConnection(
  socket: Socket,
  auth: RequestAuth,
): Promise<void> {
  const close = () => socket.close(policyViolation, "The session has ended.");
  try {
    if ((await auth.readSession()) === undefined) return;
    const stop = startWatch(() => auth.recheckSession(), close);
    socket.once("close", stop);
  } catch {
    // The database does not respond, and the calls of this connection would fail.
    close();
  }
}
