import type { IncomingMessage, RequestListener } from "node:http";
import { appRouter } from "@entrada/api";
import { AuthError } from "@entrada/auth";
import type { Auth } from "@entrada/auth";
import { describeError } from "@entrada/auth/environment";
import {
  clientAddressReaderOf,
  createChannelSignOutHandler,
  createCommonHeaders,
  createErrorResponse,
  toFailure,
  toStatus,
} from "@entrada/auth/http";
import { createErrorShape, createTrpcNodeHandler } from "@entrada/auth/trpc";
import { RequestError, getRequestListener } from "@hono/node-server";
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Context, MiddlewareHandler } from "hono";
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

const channelSignOutPath = "/auth/:route{(?:front|back)-channel-logout/?}";

/** Creates the listener for the API, the channel sign-outs, readiness, and the web app. */
export function createRequestListener(parts: HttpServerParts): RequestListener {
  const { auth } = parts;
  const listener = getRequestListener(createApp(parts).fetch, {
    errorHandler: (error) => respondToFailure(parts, error),
  });
  return createTrpcNodeHandler({ auth, router: appRouter }, listener);
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
