import type { IncomingMessage, RequestListener } from "node:http";
import { appRouter } from "@entrada/api";
import { AuthError, isAuthError } from "@entrada/auth";
import type { Auth } from "@entrada/auth";
import { describeError } from "@entrada/auth/environment";
import {
  clientAddressReaderOf,
  createAuthRequests,
  createChannelSignOutHandler,
  createCommonHeaders,
  createErrorResponse,
  requireSameOrigin,
  toFailure,
  toStatus,
} from "@entrada/auth/http";
import { createErrorShape } from "@entrada/auth/trpc";
import { RequestError, getRequestListener } from "@hono/node-server";
import type { HttpBindings } from "@hono/node-server";
import type { TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { Hono } from "hono";
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { readHeaderOf } from "./incoming-header.js";
import { cutPath, logRefusal } from "../log.js";
import type { Log } from "../log.js";
import { createDevelopmentWebApp, createWebApp } from "./web-app.js";

/** What the server answers with. */
export interface HttpServerParts {
  readonly auth: Auth;
  readonly log: Log;
  /** @throws if the database does not answer. */
  readonly checkDatabase: () => Promise<void>;
  /** The folder of the built web app; in development there is none, and Vite serves it. */
  readonly webRoot: string | undefined;
}

interface Bindings {
  readonly Bindings: HttpBindings;
}

type ReadAddress = (context: Context<Bindings>) => string;

const trpcEndpoint = "/trpc";
const channelSignOutPath = "/auth/:route{(?:front|back)-channel-logout/?}";
const maximumBodyBytes = 256 * 1024;
/** More than any page asks for at once. Without a limit, an address of 16 KB makes thousands of calls. */
const maximumCalls = 20;

/** Makes what answers over HTTP: the API, the identity provider's sign-outs, readiness, and the web app for everything else. */
export function createRequestListener(parts: HttpServerParts): RequestListener {
  return getRequestListener(createApp(parts).fetch, {
    errorHandler: (error) => answerFailure(parts, error),
  });
}

/** What fails outside of the app: a `Host` or an address that no URL can be made of, which a client has to answer for. */
function answerFailure(
  { auth, log }: HttpServerParts,
  error: unknown,
): Response {
  const isClients = error instanceof RequestError;
  if (!isClients) log.error({ error: describeError(error) }, "request.failed");
  const failure = isClients
    ? new AuthError("invalid_request", "The address cannot be read.")
    : toFailure(error);
  return Response.json(
    { error: createErrorShape(failure) },
    {
      status: toStatus(failure.code),
      headers: {
        ...createCommonHeaders(auth),
        "cache-control": "no-store",
      },
    },
  );
}

function createApp(parts: HttpServerParts): Hono<Bindings> {
  const { auth, log, webRoot } = parts;
  const readClientAddress = clientAddressReaderOf(auth);
  const readAddress: ReadAddress = (context) =>
    readClientAddress(
      context.env.incoming.socket.remoteAddress,
      context.req.header("x-forwarded-for"),
    );
  const answerChannelSignOut = createChannelSignOutHandler({ auth });

  const app = new Hono<Bindings>();
  app.post(`${trpcEndpoint}/*`, limitBody(auth));
  app.all(
    `${trpcEndpoint}/*`,
    createTrpcRoute(parts, createAuthRequests({ auth }), readAddress),
  );
  // The tRPC route above has set them by itself, for less.
  app.use(createHeaderMiddleware(auth));
  // With any query; without one it was answered in front.
  app.get("/healthz", (context) =>
    context.text("ok", 200, { "cache-control": "no-store" }),
  );
  app.get("/readyz", async (context) => {
    const isReady = await parts.checkDatabase().then(
      () => true,
      () => false,
    );
    return context.text(isReady ? "ready" : "not ready", isReady ? 200 : 503, {
      "cache-control": "no-store",
    });
  });
  // No other path below /auth: `auth.me` has its API, and the rest are pages of the web app.
  app.all(channelSignOutPath, async (context, next) => {
    const answer = await answerChannelSignOut(context.req.raw, {
      clientAddress: readAddress(context),
    });
    if (answer === undefined) return next();
    return answer;
  });
  app.route(
    "/",
    webRoot === undefined
      ? createDevelopmentWebApp(auth.appUrl)
      : createWebApp(webRoot, auth),
  );
  app.notFound((context) =>
    context.text("There is nothing here.", 404, {
      "cache-control": "no-store",
    }),
  );
  app.onError((error, { env }) => {
    if (hasHungUp(env.incoming))
      return createErrorResponse(
        new AuthError("invalid_request", "The request broke off."),
      );
    log.error({ error: describeError(error) }, "request.failed");
    return createErrorResponse(error);
  });
  return app;
}

/** Adds the security headers of any answer to those that lack them, whatever answered. */
function createHeaderMiddleware(auth: Auth): MiddlewareHandler<Bindings> {
  const headers = Object.entries(createCommonHeaders(auth));
  return async (context, next) => {
    await next();
    for (const [name, value] of headers) {
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
    }
  };
}

/** Nobody has to get up at night because a client left in the middle of a body. */
function hasHungUp({ destroyed, complete }: IncomingMessage): boolean {
  return destroyed && !complete;
}

function createTrpcRoute(
  { auth, log }: HttpServerParts,
  createAuthRequest: ReturnType<typeof createAuthRequests>,
  readAddress: ReadAddress,
): (context: Context<Bindings>) => Promise<Response> {
  const commonHeaders = Object.entries({
    ...createCommonHeaders(auth),
    "cache-control": "no-store",
    vary: "trpc-accept, accept",
  });
  return async (context) => {
    const { incoming, outgoing } = context.env;
    const readHeader = (name: string) => readHeaderOf(incoming, name);
    // Every procedure asks for this too; here it comes before tRPC looks at the body, whose form it might refuse first.
    const refusal = findRefusal(() => {
      requireSameOrigin(readHeader, auth.origin);
      requireFairPath(context.req.path);
    });
    // Also where tRPC refuses before it asks for a context.
    for (const [name, value] of commonHeaders) outgoing.setHeader(name, value);
    if (refusal !== undefined) {
      logRefusal(log, refusal, context.req.path);
      return createTrpcRefusal(refusal, context.req.path);
    }

    const response = await fetchRequestHandler({
      endpoint: trpcEndpoint,
      req: readRequest(context),
      router: appRouter,
      maxBatchSize: maximumCalls,
      createContext: ({ resHeaders }) => {
        const clientAddress = readAddress(context);
        return {
          auth: createAuthRequest({
            readHeader,
            responseHeaders: resHeaders,
            clientAddress,
          }),
        };
      },
      onError: ({ error, path }) => logFailure(log, error, path),
    });
    if (response.status >= 400)
      response.headers.set("content-type", "application/json");
    return response;
  };
}

/** A POST without a body, of a procedure without input, need not say of which type the body is. */
function readRequest({ req, env }: Context<Bindings>): Request {
  const { headers, method } = env.incoming;
  const hasBody =
    Number(headers["content-length"] ?? 0) > 0 ||
    headers["transfer-encoding"] !== undefined;
  if (method !== "POST" || hasBody || headers["content-type"] !== undefined)
    return req.raw;
  const stated = new Headers(req.raw.headers);
  stated.set("content-type", "application/json");
  return new Request(req.raw.url, { method, headers: stated });
}

function findRefusal(check: () => void): AuthError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (isAuthError(error)) return error;
    throw error;
  }
}

/**
 * Refuses what tRPC would do too much with, or take for a failure of ours. Batched or not, procedures are told apart by
 * commas, and none of ours has one in its name.
 *
 * @throws {AuthError} `invalid_request`
 */
function requireFairPath(path: string): void {
  if (decodePath(path).split(",").length > maximumCalls)
    throw new AuthError(
      "invalid_request",
      `A batch makes at most ${maximumCalls} calls.`,
    );
}

/** @throws {AuthError} `invalid_request` if the path is no percent-encoding. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new AuthError("invalid_request", "The address cannot be read.", {
      cause,
    });
  }
}

function createTrpcRefusal(failure: AuthError, address: string): Response {
  const path = address.slice(trpcEndpoint.length).replaceAll("/", "");
  return Response.json(
    { error: createErrorShape(failure, { path }) },
    {
      status: toStatus(failure.code),
      headers: { "cache-control": "no-store" },
    },
  );
}

/** What the visitor caused is an event already; what we caused is told here, once, with its stack. */
function logFailure(
  log: Log,
  error: TRPCError,
  path: string | undefined,
): void {
  const { cause } = error;
  const isExpected = isAuthError(cause) && cause.code !== "internal_error";
  const isVisitors =
    !isAuthError(cause) && error.code !== "INTERNAL_SERVER_ERROR";
  if (isExpected) logRefusal(log, cause, path ?? "");
  if (isVisitors || (isExpected && toStatus(cause.code) < 500)) return;
  log[isExpected ? "warn" : "error"](
    { path: cutPath(path), error: describeError(cause ?? error) },
    "request.failed",
  );
}

/** A body of stated and fair length needs no counting: node reads no more of it than was stated. */
function limitBody(auth: Auth): MiddlewareHandler<Bindings> {
  const countBody = bodyLimit({
    maxSize: maximumBodyBytes,
    onError: () => createTooLongAnswer(auth),
  });
  return (context, next) => {
    const { headers } = context.env.incoming;
    const isFair =
      headers["transfer-encoding"] === undefined &&
      Number(headers["content-length"] ?? 0) <= maximumBodyBytes;
    return isFair ? next() : countBody(context, next);
  };
}

function createTooLongAnswer(auth: Auth): Response {
  const shape = createErrorShape(
    new AuthError("invalid_request", "The request's body is too long."),
  );
  return Response.json(
    { error: { ...shape, data: { ...shape.data, httpStatus: 413 } } },
    {
      status: 413,
      headers: {
        ...createCommonHeaders(auth),
        "cache-control": "no-store",
      },
    },
  );
}
