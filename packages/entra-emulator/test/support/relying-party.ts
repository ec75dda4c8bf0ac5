import { createHash } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from "jose";
import { demoApp, type EntraEmulator } from "../../src/index.js";
import { type Browser, openBrowser, type Visit } from "./browser.js";

/** The redirect URI the tests use. */
export const REDIRECT_URI = "http://localhost:3000/auth/callback";
/** A PKCE verifier and its challenge. */
export const VERIFIER =
  "a-code-verifier-that-is-long-enough-for-pkce-0123456789";
export const CHALLENGE = createHash("sha256")
  .update(VERIFIER)
  .digest("base64url");

type Overrides = Readonly<Record<string, string | undefined>>;

/** Returns the URL of an authorization request; an override of `undefined` omits the parameter. */
export function authorizeUrl(
  emulator: EntraEmulator,
  overrides: Overrides = {},
  tenant = "common",
): string {
  const parameters = {
    client_id: demoApp.clientId,
    response_type: "code",
    redirect_uri: REDIRECT_URI,
    scope: "openid profile email offline_access",
    state: "state-1",
    nonce: "nonce-1",
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
    ...overrides,
  };
  return `${emulator.origin}/${tenant}/oauth2/v2.0/authorize?${encodeFields(parameters)}`;
}

/** Opens the authorization endpoint, picks a person and returns the response. */
export async function pick(
  emulator: EntraEmulator,
  upn: string,
  overrides: Overrides = {},
  {
    tenant = "common",
    browser = openBrowser(),
  }: { tenant?: string; browser?: Browser } = {},
): Promise<Visit> {
  const page = await browser.get(authorizeUrl(emulator, overrides, tenant));
  return browser.submit(page, { upn });
}

/** Returns the parameters of a redirect, from the query or the fragment. */
export function answerOf(visit: Visit): Readonly<Record<string, string>> {
  if (visit.location === undefined)
    throw new Error(`Not redirected: ${visit.body.slice(0, 1500)}`);
  const url = new URL(visit.location);
  const text = url.hash.length > 1 ? url.hash.slice(1) : url.search;
  return Object.fromEntries(new URLSearchParams(text));
}

/** A response of the token endpoint. */
export interface TokenAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

/** Sends a request to the token endpoint, authenticated as the demo app unless the overrides say otherwise. */
export async function postToken(
  emulator: EntraEmulator,
  fields: Overrides,
  {
    tenant = "common",
    headers = {},
  }: { tenant?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<TokenAnswer> {
  const body = encodeFields({
    client_id: demoApp.clientId,
    client_secret: demoApp.clientSecret,
    ...fields,
  });
  const url = `${emulator.origin}/${tenant}/oauth2/v2.0/token`;
  const contentType = "application/x-www-form-urlencoded";
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": contentType, ...headers },
  });
  return {
    status: response.status,
    body: toRecord(await response.json()),
    headers: response.headers,
  };
}

/** Redeems a code. */
export function redeem(
  emulator: EntraEmulator,
  code: string | undefined,
  overrides: Overrides = {},
  options: Parameters<typeof postToken>[2] = {},
): Promise<TokenAnswer> {
  const fields = {
    grant_type: "authorization_code",
    code: code ?? "",
    redirect_uri: REDIRECT_URI,
    code_verifier: VERIFIER,
    ...overrides,
  };
  return postToken(emulator, fields, options);
}

/** Signs a person in and redeems the code. */
export async function signIn(
  emulator: EntraEmulator,
  upn: string,
  overrides: Overrides = {},
  options: { tenant?: string; browser?: Browser; token?: Overrides } = {},
): Promise<TokenAnswer> {
  const { code } = answerOf(await pick(emulator, upn, overrides, options));
  const { redirect_uri, client_id } = overrides;
  const sent = {
    ...(redirect_uri === undefined ? {} : { redirect_uri }),
    ...(client_id === undefined ? {} : { client_id }),
  };
  return redeem(
    emulator,
    code,
    { ...sent, ...options.token },
    { tenant: options.tenant ?? "common" },
  );
}

/** Returns the claims of the ID token in the response. */
export function claimsOf(answer: TokenAnswer): JWTPayload {
  return decodeJwt(textOf(answer, "id_token"));
}

/** Returns the header of the ID token in the response. */
export function headerOf(
  answer: TokenAnswer,
): ReturnType<typeof decodeProtectedHeader> {
  return decodeProtectedHeader(textOf(answer, "id_token"));
}

/** Returns a member that must be a string. */
export function textOf({ body }: TokenAnswer, name: string): string {
  const value = body[name];
  if (typeof value !== "string")
    throw new Error(`No ${name} in ${JSON.stringify(body)}`);
  return value;
}

/** Gets a JSON object. */
export async function getJson(url: string): Promise<TokenAnswer> {
  const response = await fetch(url);
  return {
    status: response.status,
    body: toRecord(await response.json()),
    headers: response.headers,
  };
}

/** Returns the published keys of a tenant. */
export async function getKeys(
  emulator: EntraEmulator,
  tenant = "common",
  query = "",
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { body } = await getJson(
    `${emulator.origin}/${tenant}/discovery/v2.0/keys${query}`,
  );
  return Array.isArray(body.keys) ? body.keys.map(toRecord) : [];
}

function encodeFields(fields: Overrides): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) parameters.set(name, value);
  return parameters.toString();
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null)
    throw new Error(`Not an object: ${JSON.stringify(value)}`);
  return Object.fromEntries(Object.entries(value));
}
