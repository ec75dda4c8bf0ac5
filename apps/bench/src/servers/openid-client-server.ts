// openid-client with iron-session: flow and session are sealed cookies, and there is no database. By its default
// openid-client verifies the claims of the ID token, but not its signature, because the token comes over TLS.
import type { IncomingMessage, ServerResponse } from "node:http";
import { getIronSession } from "iron-session";
import {
  ClientSecretPost,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import { registration, tenantUrlOf } from "../provider/registration.js";
import { origin, provider, redirectUri } from "./environment.js";
import { sendJson, serve } from "./http.js";

interface Flow {
  state?: string;
  nonce?: string;
  codeVerifier?: string;
}

interface Session {
  user?: { objectId: string; name: string; userName: string };
}

const password = Buffer.alloc(32, 7).toString("base64");
const { clientId, clientSecret } = registration;
const configuration = discovery(
  new URL(`${tenantUrlOf(provider)}/v2.0`),
  clientId,
  undefined,
  ClientSecretPost(clientSecret),
  { execute: [allowInsecureRequests] },
);

serve((request, response) => {
  const url = new URL(request.url ?? "/", origin);
  const fail = (error: unknown) =>
    sendJson(response, 400, { error: String(error) });
  if (url.pathname === "/me") me(request, response).catch(fail);
  else if (url.pathname === "/healthz") response.end("ok");
  else if (url.pathname === "/auth/login") login(request, response).catch(fail);
  else if (url.pathname === "/auth/callback")
    callback(url, request, response).catch(fail);
  else sendJson(response, 404, { error: "not_found" });
});

function openCookie<Content extends object>(
  cookieName: string,
  request: IncomingMessage,
  response: ServerResponse,
) {
  return getIronSession<Content>(request, response, {
    cookieName,
    password,
    cookieOptions: { secure: false, sameSite: "lax" },
  });
}

async function login(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const flow = await openCookie<Flow>("flow", request, response);
  const codeVerifier = randomPKCECodeVerifier();
  const state = randomState();
  const nonce = randomNonce();
  Object.assign(flow, { state, nonce, codeVerifier });
  await flow.save();
  const location = buildAuthorizationUrl(await configuration, {
    redirect_uri: redirectUri,
    scope: "openid profile",
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
  });
  response.writeHead(302, { location: location.href });
  response.end();
}

async function callback(
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const flow = await openCookie<Flow>("flow", request, response);
  const { state = "", nonce = "", codeVerifier = "" } = flow;
  const tokens = await authorizationCodeGrant(await configuration, url, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: codeVerifier,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  const session = await openCookie<Session>("session", request, response);
  session.user = {
    objectId: String(claims?.["oid"]),
    name: String(claims?.["name"]),
    userName: String(claims?.["preferred_username"]),
  };
  await session.save();
  flow.destroy();
  response.writeHead(302, { location: "/" });
  response.end();
}

async function me(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { user } = await openCookie<Session>("session", request, response);
  sendJson(response, user === undefined ? 401 : 200, user ?? null);
}
