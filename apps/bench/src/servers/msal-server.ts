// MSAL Node alone, tuned: one application with metadata that is never fetched again, connections that are kept alive, and
// a token cache that is emptied after each sign-in. MSAL verifies nonce and state, but no signature. Flows and sessions
// are kept in memory.
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  ConfidentialClientApplication,
  CryptoProvider,
} from "@azure/msal-node";
import type {
  AccountInfo,
  INetworkModule,
  NetworkRequestOptions,
  NetworkResponse,
} from "@azure/msal-node";
import { registration, tenantUrlOf } from "../provider/registration.js";
import { origin, provider, redirectUri } from "./environment.js";
import { readCookie, sendJson, serve } from "./http.js";
import { requestJson } from "./keep-alive-client.js";

interface Flow {
  readonly nonce: string;
  readonly codeVerifier: string;
}

const { clientId, clientSecret, tenantId } = registration;
const { host } = new URL(provider);
const cryptoProvider = new CryptoProvider();
const application = createApplication();
const flows = new Map<string, Flow>();
const sessions = new Map<string, AccountInfo>();
const cookieAttributes = "HttpOnly; SameSite=Lax; Path=/";

serve((request, response) => {
  const url = new URL(request.url ?? "/", origin);
  const fail = (error: unknown) =>
    sendJson(response, 400, { error: String(error) });
  if (url.pathname === "/me") me(request, response);
  else if (url.pathname === "/healthz") response.end("ok");
  else if (url.pathname === "/auth/login") login(response).catch(fail);
  else if (url.pathname === "/auth/callback")
    callback(url.searchParams, request, response).catch(fail);
  else sendJson(response, 404, { error: "not_found" });
});

async function createApplication(): Promise<ConfidentialClientApplication> {
  const { body } = await requestJson(
    `${tenantUrlOf(provider)}/v2.0/.well-known/openid-configuration`,
  );
  return new ConfidentialClientApplication({
    auth: {
      clientId,
      clientSecret,
      // MSAL refuses plain http. It takes the endpoints from the metadata.
      authority: `https://${host}/${tenantId}`,
      knownAuthorities: [host],
      authorityMetadata: JSON.stringify(body),
    },
    system: { networkClient: createNetworkClient() },
  });
}

function createNetworkClient(): INetworkModule {
  return {
    sendGetRequestAsync: (url, options) => send(url, "GET", options),
    sendPostRequestAsync: (url, options) => send(url, "POST", options),
  };
}

async function send<Body>(
  url: string,
  method: string,
  { headers = {}, body = "" }: NetworkRequestOptions = {},
): Promise<NetworkResponse<Body>> {
  const response = await requestJson<Body>(url, { method, headers, body });
  return { ...response, headers: {} };
}

async function login(response: ServerResponse): Promise<void> {
  const { verifier, challenge } = await cryptoProvider.generatePkceCodes();
  const state = createSecret();
  const nonce = createSecret();
  flows.set(state, { nonce, codeVerifier: verifier });
  const location = await (
    await application
  ).getAuthCodeUrl({
    scopes: [],
    redirectUri,
    state,
    nonce,
    codeChallenge: challenge,
    codeChallengeMethod: "S256",
  });
  response.writeHead(302, {
    location,
    "set-cookie": `flow=${state}; ${cookieAttributes}`,
  });
  response.end();
}

async function callback(
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const state = query.get("state") ?? "";
  const code = query.get("code") ?? "";
  const flow = readCookie(request, "flow") === state ? take(state) : undefined;
  if (flow === undefined) throw new Error("There is no such flow.");
  const { account } = await (
    await application
  ).acquireTokenByCode(
    { code, scopes: [], redirectUri, state, ...flow },
    { code, state },
  );
  // MSAL takes the state to verify from the payload, and the nonce from the request.
  if (account === null) throw new Error("There is no account.");
  (await application).clearCache();
  const sessionId = createSecret();
  sessions.set(sessionId, account);
  response.writeHead(302, {
    location: "/",
    "set-cookie": `session=${sessionId}; ${cookieAttributes}`,
  });
  response.end();
}

function take(state: string): Flow | undefined {
  const flow = flows.get(state);
  flows.delete(state);
  return flow;
}

function me(request: IncomingMessage, response: ServerResponse): void {
  const account = sessions.get(readCookie(request, "session"));
  sendJson(response, account === undefined ? 401 : 200, {
    objectId: account?.localAccountId,
    name: account?.name,
    userName: account?.username,
  });
}

function createSecret(): string {
  return randomBytes(32).toString("base64url");
}
