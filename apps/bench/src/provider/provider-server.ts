// An identity provider with the paths and documents of Entra ID that does as little as possible: it verifies the code
// exchange and signs the ID token. It runs in a process of its own, so that its processor time is not measured.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { parseAuthorizationCode } from "./authorization-code.js";
import { registration, tenantUrlOf } from "./registration.js";
import { createTokenIssuer } from "./tokens.js";

const { PORT = "" } = process.env;
const origin = `http://localhost:${PORT}`;
const issuer = createTokenIssuer(origin);

const server = createServer((request, response) => {
  const respond = (status: number, body: object) => {
    const content = JSON.stringify(body);
    response.writeHead(status, {
      "content-type": "application/json",
      "cache-control": "no-store",
      "content-length": Buffer.byteLength(content),
    });
    response.end(content);
  };
  const { pathname } = new URL(request.url ?? "/", origin);
  const [, tenant = "", path = ""] = /^\/([^/]+)(\/.*)$/.exec(pathname) ?? [];
  if (pathname === "/healthz") respond(200, {});
  else if (path === "/v2.0/.well-known/openid-configuration")
    respond(200, createDiscoveryDocument(tenant));
  else if (path === "/discovery/v2.0/keys") respond(200, createKeySet(tenant));
  else if (path === "/oauth2/v2.0/token" && request.method === "POST")
    exchange(request).then(
      (tokens) => respond(200, tokens),
      (error: unknown) =>
        respond(400, {
          error: "invalid_grant",
          error_description: String(error),
        }),
    );
  else respond(404, {});
});
// Longer than any pause between two windows of a contestant.
server.keepAliveTimeout = 600_000;
server.listen(Number(PORT), "localhost");
process.once("SIGTERM", () => process.exit());

function issuerOf(tenant: string): string {
  return tenant === registration.tenantId
    ? `${tenantUrlOf(origin)}/v2.0`
    : `${origin}/{tenantid}/v2.0`;
}

function createDiscoveryDocument(tenant: string) {
  const base = `${origin}/${tenant}`;
  return {
    issuer: issuerOf(tenant),
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    userinfo_endpoint: `${origin}/oidc/userinfo`,
    token_endpoint_auth_methods_supported: [
      "client_secret_post",
      "client_secret_basic",
    ],
    response_modes_supported: ["query", "form_post"],
    response_types_supported: ["code"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    cloud_instance_name: "microsoftonline.com",
  };
}

function createKeySet(tenant: string) {
  return { keys: [{ ...issuer.publicKey, issuer: issuerOf(tenant) }] };
}

/** Verifies client, redirect URI and code verifier (RFC 6749 §4.1.3, RFC 7636 §4.6). */
async function exchange(request: IncomingMessage) {
  const form = new URLSearchParams(await text(request));
  const read = (name: string) => form.get(name) ?? "";
  verify(isOurClient(request, form), "client");
  verify(read("grant_type") === "authorization_code", "grant_type");
  const code = parseAuthorizationCode(read("code"));
  verify(read("redirect_uri") === code.redirectUri, "redirect_uri");
  const challenge = createHash("sha256")
    .update(read("code_verifier"))
    .digest("base64url");
  verify(challenge === code.codeChallenge, "code_verifier");
  return issuer.issue({
    ...code,
    scope: form.get("scope") ?? "openid profile",
  });
}

function isOurClient(
  { headers: { authorization = "" } }: IncomingMessage,
  form: URLSearchParams,
): boolean {
  const { clientId, clientSecret } = registration;
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
  return (
    authorization === `Basic ${basic}` ||
    (form.get("client_id") === clientId &&
      form.get("client_secret") === clientSecret)
  );
}

function verify(isValid: boolean, name: string): void {
  if (!isValid) throw new Error(`The ${name} is not valid.`);
}
