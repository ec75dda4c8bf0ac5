import { createPublicKey, timingSafeEqual, X509Certificate } from "node:crypto";
import { compactVerify, decodeJwt, errors, type JWTPayload } from "jose";
import type { Authority } from "../../directory/authority.js";
import type { AppRegistration } from "../../directory/directory.js";
import { AadstsError } from "../../protocol/aadsts.js";
import {
  requireApp,
  requireParameter,
} from "../../protocol/authorization-request.js";
import type { EmulatorState } from "../../state/emulator-state.js";
import { sha256 } from "../../state/random.js";
import type { EmulatorRequest } from "../emulator-request.js";

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const FEDERATED_AUDIENCE = "api://AzureADTokenExchange";

/** A client and how it authenticated: 0 not, 1 by secret, 2 by assertion. */
export interface AuthenticatedClient {
  readonly app: AppRegistration;
  readonly clientAuthentication: 0 | 1 | 2;
}

interface Credentials {
  readonly clientId: string | undefined;
  readonly secret: string | undefined;
  readonly assertion: string | undefined;
}

/**
 * Finds the client of a token request and checks its credential, if it sends one.
 *
 * @throws {AadstsError} if the credential is wrong.
 */
export async function authenticateClient(
  state: EmulatorState,
  authority: Authority,
  request: EmulatorRequest,
): Promise<AuthenticatedClient> {
  const credentials = readCredentials(request);
  const app = requireApp(state.directory, authority, credentials.clientId);
  if (credentials.assertion !== undefined) {
    await checkAssertion(state, app, credentials.assertion);
    return { app, clientAuthentication: 2 };
  }
  if (credentials.secret === undefined) return { app, clientAuthentication: 0 };
  checkSecret(state, app, credentials.secret);
  return { app, clientAuthentication: 1 };
}

function readCredentials({
  authorization,
  form,
}: EmulatorRequest): Credentials {
  const basic = readBasic(authorization);
  const assertion = form.get("client_assertion");
  if (
    assertion !== undefined &&
    requireParameter(form, "client_assertion_type") !== ASSERTION_TYPE
  ) {
    throw new AadstsError(90023, "Invalid 'client_assertion_type'.");
  }
  const assertedId =
    assertion === undefined ? undefined : decode(assertion).sub;
  return {
    clientId: form.get("client_id") ?? basic?.clientId ?? assertedId,
    secret: form.get("client_secret") ?? basic?.secret,
    assertion,
  };
}

// RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
function readBasic(
  authorization: string | undefined,
): { clientId: string; secret: string } | undefined {
  const [, encoded] =
    /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString();
  const colon = text.indexOf(":");
  if (colon === -1) return undefined;
  return {
    clientId: formDecode(text.slice(0, colon)),
    secret: formDecode(text.slice(colon + 1)),
  };
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, " "));
  } catch {
    return text;
  }
}

function checkSecret(
  state: EmulatorState,
  app: AppRegistration,
  secret: string,
): void {
  const known = [...(app.clientSecrets ?? [])];
  if (app.clientSecret !== undefined) known.push({ value: app.clientSecret });
  if (known.length === 0 && app.certificates === undefined)
    throw new AadstsError(700025);
  const match = known.find(({ value }) =>
    timingSafeEqual(Buffer.from(sha256(value)), Buffer.from(sha256(secret))),
  );
  if (match === undefined) throw new AadstsError(7000215, app.clientId);
  const isExpired =
    match.expiresAt !== undefined &&
    Date.parse(match.expiresAt) <= state.clock.now().getTime();
  if (isExpired) throw new AadstsError(7000222, app.clientId);
}

async function checkAssertion(
  state: EmulatorState,
  app: AppRegistration,
  assertion: string,
): Promise<void> {
  const claims = decode(assertion);
  const isFederated = claims.iss !== app.clientId;
  const federated = app.federatedCredentials?.find(
    ({ issuer, subject }) => issuer === claims.iss && subject === claims.sub,
  );
  if (isFederated && federated === undefined)
    throw new AadstsError(700213, String(claims.sub));
  const keys =
    federated === undefined ? (app.certificates ?? []) : [federated.publicKey];
  if (!(await isSignedByAny(assertion, keys)))
    throw new AadstsError(700027, "the key was not found or does not match.");
  if (!isFederated && claims.sub !== app.clientId)
    throw new AadstsError(700021);
  checkAssertionTime(state, claims);
  checkAssertionAudience(
    state,
    claims,
    isFederated ? (federated?.audience ?? FEDERATED_AUDIENCE) : undefined,
  );
}

function decode(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch {
    throw new AadstsError(700027, "the assertion is not a JWT.");
  }
}

async function isSignedByAny(
  assertion: string,
  keys: readonly string[],
): Promise<boolean> {
  for (const pem of keys) {
    const key = pem.includes("BEGIN CERTIFICATE")
      ? new X509Certificate(pem).publicKey
      : createPublicKey(pem);
    try {
      await compactVerify(assertion, key, { algorithms: ["PS256", "RS256"] });
      return true;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  return false;
}

function checkAssertionTime(
  state: EmulatorState,
  { exp, nbf }: JWTPayload,
): void {
  const now = state.clock.now().getTime() / 1000;
  const isOutside =
    exp === undefined ||
    exp + 300 < now ||
    (nbf !== undefined && nbf - 300 > now);
  if (isOutside) throw new AadstsError(700024);
}

// The scheme is not compared, because MSAL needs an https authority for this http server.
function checkAssertionAudience(
  state: EmulatorState,
  { aud }: JWTPayload,
  expected: string | undefined,
): void {
  const audience = typeof aud === "string" ? aud : "";
  if (expected !== undefined) {
    if (audience !== expected) throw new AadstsError(700023);
    return;
  }
  const host = new URL(state.origin).host;
  const pattern =
    /^https?:\/\/([^/]+)\/[^/]+\/(?:oauth2\/v2\.0\/token|oauth2\/token|v2\.0)\/?$/;
  if (pattern.exec(audience)?.[1] !== host) throw new AadstsError(700023);
}
