import type { IncomingMessage, RequestListener } from "node:http";
import { appRouter } from "@entrada/api";
import { AuthError, isAuthError } from "@entrada/auth";
import type { Auth } from "@entrada/auth";
import { describeError } from "@entrada/auth/environment";
import {
  clientAddressReaderOf,
  createRequestAuthFactory,
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

/** What the HTTP server needs. */
export interface HttpServerParts {
  readonly auth: Auth;
  readonly log: Log;
  /** @throws if the database is unavailable. */
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
/** More than any page needs. Without a limit, a URL of 16 KB could make thousands of calls. */
const maximumCalls = 20;

/** Creates the listener for the API, the channel sign-outs, readiness, and the web app. */
export function createRequestListener(parts: HttpServerParts): RequestListener {
  return getRequestListener(createApp(parts).fetch, {
    errorHandler: (error) => respondToFailure(parts, error),
  });
}

/**
 * Responds to errors outside the app, such as a `Host` or a path that is not a valid URL, which is the client's error.
 */
function respondToFailure(
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
  const handleChannelSignOut = createChannelSignOutHandler({ auth });

  const app = new Hono<Bindings>();
  app.post(`${trpcEndpoint}/*`, limitBody(auth));
  app.all(
    `${trpcEndpoint}/*`,
    createTrpcRoute(parts, createRequestAuthFactory({ auth }), readAddress),
  );
  // The tRPC route above sets these headers itself, which costs less.
  app.use(createHeaderMiddleware(auth));
  // With a query. The front listener responds to requests without one.
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
  // Only these paths below /auth: `auth.me` is part of the API, and the others are pages of the web app.
  app.all(channelSignOutPath, async (context, next) => {
    const response = await handleChannelSignOut(context.req.raw, {
      clientAddress: readAddress(context),
    });
    return response ?? next();
  });
  app.route(
    "/",
    webRoot === undefined
      ? createDevelopmentWebApp(auth.appUrl)
      : createWebApp(webRoot, auth),
  );
  app.notFound((context) =>
    context.text("Not found.", 404, {
      "cache-control": "no-store",
    }),
  );
  app.onError((error, { env }) => {
    if (hasDisconnected(env.incoming))
      return createErrorResponse(
        new AuthError("invalid_request", "The client closed the connection."),
      );
    log.error({ error: describeError(error) }, "request.failed");
    return createErrorResponse(error);
  });
  return app;
}

/** Adds the common security headers to responses that lack them. */
function createHeaderMiddleware(auth: Auth): MiddlewareHandler<Bindings> {
  const headers = Object.entries(createCommonHeaders(auth));
  return async (context, next) => {
    await next();
    for (const [name, value] of headers) {
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
    }
  };
}

/** Whether the client closed the connection within the body, which is not a server error. */
function hasDisconnected({ destroyed, complete }: IncomingMessage): boolean {
  return destroyed && !complete;
}

function createTrpcRoute(
  { auth, log }: HttpServerParts,
  createRequestAuth: ReturnType<typeof createRequestAuthFactory>,
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
    // Every procedure checks this, too. Here it is checked before tRPC parses the body, which could fail first.
    const refusal = findRefusal(() => {
      requireSameOrigin(readHeader, auth.origin);
      requirePermittedPath(context.req.path);
    });
    // Set here, because tRPC may fail before it creates the context.
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
          auth: createRequestAuth({
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

/** Adds a content type to a POST without a body, so that procedures without input do not require one. */
function readRequest({ req, env }: Context<Bindings>): Request {
  const { headers, method } = env.incoming;
  const hasBody =
    Number(headers["content-length"] ?? 0) > 0 ||
    headers["transfer-encoding"] !== undefined;
  if (method !== "POST" || hasBody || headers["content-type"] !== undefined)
    return req.raw;
  const withType = new Headers(req.raw.headers);
  withType.set("content-type", "application/json");
  return new Request(req.raw.url, { method, headers: withType });
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
 * Refuses a batch of too many calls, and a path with an invalid percent-encoding, which tRPC reports as a server error.
 * The path separates procedures by commas, which no procedure has in its name.
 *
 * @throws {AuthError} `invalid_request`
 */
function requirePermittedPath(path: string): void {
  if (decodePath(path).split(",").length > maximumCalls)
    throw new AuthError(
      "invalid_request",
      `A batch makes at most ${maximumCalls} calls.`,
    );
}

/** @throws {AuthError} `invalid_request` if the percent-encoding is invalid. */
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

/** Logs server errors with their stack. Errors that the visitor caused are reported as events. */
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

/** Limits the body. With a valid `Content-Length` the bytes are not counted, because Node reads no more than it states. */
function limitBody(auth: Auth): MiddlewareHandler<Bindings> {
  const countBody = bodyLimit({
    maxSize: maximumBodyBytes,
    onError: () => createTooLongResponse(auth),
  });
  return (context, next) => {
    const { headers } = context.env.incoming;
    const isWithinLimit =
      headers["transfer-encoding"] === undefined &&
      Number(headers["content-length"] ?? 0) <= maximumBodyBytes;
    return isWithinLimit ? next() : countBody(context, next);
  };
}

function createTooLongResponse(auth: Auth): Response {
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
