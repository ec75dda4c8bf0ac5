import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { requireAuthority } from "../directory/authority.js";
import { applyPatch, type JsonObject } from "../faults/fault.js";
import { AadstsError } from "../protocol/aadsts.js";
import {
  createDiscoveryDocument,
  createInstanceDocument,
  createVersion1Document,
} from "../protocol/discovery-document.js";
import { createErrorAnswer, toErrorBody } from "../protocol/error-answer.js";
import { createKeySet } from "../protocol/key-set.js";
import type { EmulatorState } from "../state/emulator-state.js";
import type { EndpointName } from "../state/journal.js";
import { handleAuthorize } from "./authorize.js";
import type { EmulatorEnv, EmulatorRequest } from "./emulator-request.js";
import { readEmulatorRequest } from "./read-request.js";
import { handlePick, handleConsent } from "./sign-in.js";
import { handleSignOut } from "./sign-out.js";
import { interfere } from "./interference.js";
import { handleToken } from "./token/token.js";
import { handleUserInfo } from "./userinfo.js";

type Handler = (
  state: EmulatorState,
  request: EmulatorRequest,
) => Response | Promise<Response>;

const MAXIMUM_BODY_BYTES = 1024 * 1024;

/** Creates the HTTP application with all endpoints except the control endpoint. */
export function createHttpApp(state: EmulatorState): Hono<EmulatorEnv> {
  const app = new Hono<EmulatorEnv>();
  app.use(refuseForeignHosts);
  app.use(bodyLimit({ maxSize: MAXIMUM_BODY_BYTES }));
  const serve =
    (endpoint: EndpointName, handler: Handler) =>
    (context: Context<EmulatorEnv>) =>
      answer(state, context, endpoint, handler);

  app.get(
    "/:tenant/v2.0/.well-known/openid-configuration",
    serve("discovery", serveDiscovery),
  );
  app.get(
    "/:tenant/.well-known/openid-configuration",
    serve("discovery", serveVersion1),
  );
  app.get(
    "/common/discovery/instance",
    serve("instance_discovery", serveInstance),
  );
  app.get("/:tenant/discovery/v2.0/keys", serve("keys", serveKeys));
  app.get("/:tenant/discovery/keys", serve("keys", serveKeys));
  app.on(
    ["GET", "POST"],
    "/:tenant/oauth2/v2.0/authorize",
    serve("authorize", handleAuthorize),
  );
  app.post("/:tenant/login", serve("sign_in", handlePick));
  app.post("/:tenant/consent", serve("sign_in", handleConsent));
  app.on(
    ["GET", "POST"],
    "/:tenant/oauth2/v2.0/token",
    serve("token", withCors(handleToken)),
  );
  app.options("/:tenant/oauth2/v2.0/token", serve("token", servePreflight));
  app.on(
    ["GET", "POST"],
    "/:tenant/oauth2/v2.0/logout",
    serve("logout", handleSignOut),
  );
  app.on(
    ["GET", "POST"],
    "/oidc/userinfo",
    serve("userinfo", withCors(handleUserInfo)),
  );
  return app;
}

// Without this check, a foreign name that resolves to loopback (DNS rebinding) would make pages of this server
// same-origin.
function refuseForeignHosts(
  context: Context<EmulatorEnv>,
  next: () => Promise<void>,
): Promise<Response | void> {
  const { hostname } = new URL(context.req.url);
  if (["localhost", "127.0.0.1", "[::1]"].includes(hostname)) return next();
  return Promise.resolve(
    context.text("The emulator serves loopback host names only.", 421),
  );
}

async function answer(
  state: EmulatorState,
  context: Context<EmulatorEnv>,
  endpoint: EndpointName,
  handler: Handler,
): Promise<Response> {
  const request = await readEmulatorRequest(state, context);
  const interference = await interfere(state, context, endpoint, request);
  const response = interference ?? (await handler(state, request));
  state.journal.add({
    receivedAt: state.clock.now().toISOString(),
    endpoint,
    method: request.method,
    path: context.req.path,
    query: Object.fromEntries(request.query),
    form: Object.fromEntries(request.form),
    headers: context.req.header(),
    status: context.env.incoming.socket.destroyed ? 0 : response.status,
  });
  return response;
}

const discoveryHeaders = {
  "Cache-Control": "max-age=86400, private",
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "GET, OPTIONS",
  "X-Content-Type-Options": "nosniff",
} as const;

function serveDiscovery(
  state: EmulatorState,
  request: EmulatorRequest,
): Promise<Response> {
  return serveDocument(state, request, () => {
    const authority = requireAuthority(state.directory, request.tenantSegment);
    const appId = request.query.get("appid");
    const document = createDiscoveryDocument(state, authority, appId);
    return state.faults
      .take("discovery", { clientId: appId })
      .reduce(applyPatch, document);
  });
}

function serveVersion1(
  state: EmulatorState,
  request: EmulatorRequest,
): Promise<Response> {
  return serveDocument(state, request, () =>
    createVersion1Document(
      state,
      requireAuthority(state.directory, request.tenantSegment),
    ),
  );
}

function serveInstance(
  state: EmulatorState,
  request: EmulatorRequest,
): Promise<Response> {
  return serveDocument(state, request, () => createInstanceDocument(state));
}

function serveKeys(
  state: EmulatorState,
  request: EmulatorRequest,
): Promise<Response> {
  return serveDocument(state, request, () =>
    createKeySet(
      state,
      requireAuthority(state.directory, request.tenantSegment),
      request.query.get("appid"),
    ),
  );
}

async function serveDocument(
  state: EmulatorState,
  request: EmulatorRequest,
  create: () => JsonObject | Promise<JsonObject>,
): Promise<Response> {
  const headers = {
    ...discoveryHeaders,
    "x-ms-request-id": request.ids.traceId,
  };
  try {
    return Response.json(await create(), { headers });
  } catch (error) {
    if (!(error instanceof AadstsError)) throw error;
    const body = toErrorBody(createErrorAnswer(state, request.ids, error));
    return Response.json(body, {
      status: 400,
      headers: { ...headers, "Cache-Control": "no-store" },
    });
  }
}

function withCors(handler: Handler): Handler {
  return async (state, request) => {
    const response = await handler(state, request);
    if (request.origin !== undefined)
      response.headers.set("Access-Control-Allow-Origin", "*");
    return response;
  };
}

function servePreflight(): Response {
  return new Response(undefined, {
    status: 204,
    headers: {
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Allow-Methods": "POST, OPTIONS",
      "Access-Control-Allow-Headers":
        "content-type, client-request-id, authorization",
    },
  });
}
