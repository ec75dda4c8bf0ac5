import { randomUUID } from "node:crypto";
import type { Auth } from "../../core/auth.js";
import { readParts } from "../../core/auth-parts.js";
import type { AuthParts } from "../../core/auth-parts.js";
import type { ActiveSession } from "../../core/session/active-session.js";
import { startSession } from "../../core/session/session.js";
import { readProfile } from "../../core/sign-in/profile.js";
import type { NoColumns } from "../../core/stores/user-extension.js";
import type { IdTokenClaims } from "../../core/token/id-token.js";
import { createCookieNames } from "../../http/cookies.js";
import { createRequestAuthFactory } from "../../http/request-auth.js";
import type { RequestAuth } from "../../http/request-auth.js";
import { testTenants } from "../provider/test-people.js";

/** The person to sign in. Every member has a default. */
export interface SignedInPerson {
  readonly name?: string | undefined;
  /** Also the preferred user name. It counts as verified. */
  readonly email?: string | undefined;
  readonly tenantId?: string | undefined;
  /** The same object ID in the same tenant is the same user. Defaults to a new one. */
  readonly objectId?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
}

/** A cookie in the form that Playwright's `context.addCookies` takes. */
export interface TestCookie {
  readonly name: string;
  readonly value: string;
  /** The application's origin. */
  readonly url: string;
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly sameSite: "Lax" | "Strict";
}

/** A session of a test, with what requests need to use it. */
export interface TestSession<
  Columns = NoColumns,
> extends ActiveSession<Columns> {
  /** For any HTTP client: the session cookie, and the headers that the rules against cross-site requests require. */
  readonly headers: Readonly<Record<string, string>>;
  /** For `context.addCookies` of Playwright. */
  readonly cookies: readonly TestCookie[];
  /** For a caller of the application's tRPC router. Each read of this property begins another request. */
  readonly requestAuth: RequestAuth<Columns>;
}

/**
 * Creates the user and starts a session in the application's own stores, without an identity provider. The user has
 * exactly these roles and groups, so `onSignIn` is not called. `onSignedIn` is called, because the application creates
 * its own row of the user there.
 *
 * @example
 * const ada = await signInAs(auth, { name: "Ada", roles: ["Admin"] });
 * const response = await fetch(`${process.env.APP_URL}/admin`, { headers: ada.headers });
 *
 * @throws {Error} if `NODE_ENV` is `production`.
 * @throws {TypeError} if neither `createAuth` nor `createAuthFromEnvironment` created the `Auth`.
 * @throws {AuthError} `user_disabled`, `store_unavailable`
 */
export async function signInAs<Columns = NoColumns>(
  auth: Auth<Columns> & { readonly ready?: (() => Promise<void>) | undefined },
  person: SignedInPerson = {},
): Promise<TestSession<Columns>> {
  requireTestRun(process.env.NODE_ENV);
  await auth.ready?.();
  const cookie = await startTestSession(auth, requireParts(auth), person);
  const headers = createHeaders(auth, cookie);
  const createRequestAuth = createRequestAuthFactory({ auth });
  const startRequest = () =>
    createRequestAuth({
      readHeader: (name) => headers[name],
      responseHeaders: new Headers(),
      clientAddress: "127.0.0.1",
    });
  return {
    ...(await startRequest().requireSession()),
    headers,
    cookies: [createCookie(auth, cookie)],
    get requestAuth() {
      return startRequest();
    },
  };
}

function requireTestRun(environment: string | undefined): void {
  if (environment !== "production") return;
  throw new Error(
    "signInAs signs in without an identity provider, so it refuses to run with NODE_ENV=production. Run your tests with another NODE_ENV.",
  );
}

function requireParts(auth: Auth): AuthParts {
  const parts = readParts(auth);
  if (parts !== undefined) return parts;
  throw new TypeError(
    "signInAs requires an Auth that createAuth or createAuthFromEnvironment has created.",
  );
}

/** Returns the value of the session cookie. */
async function startTestSession(
  auth: Auth,
  { stores, now, clientId, onSignedIn }: AuthParts,
  person: SignedInPerson,
): Promise<string> {
  const idTokenClaims = createClaims(auth, person, clientId, now());
  const { profile, hasGroupOverage } = readProfile(idTokenClaims);
  const { sessionStore } = stores;
  const { user, isNewUser, session, sessionToken } = await startSession(
    { sessionStore, now, settings: { shared: auth }, auditTrail: undefined },
    {
      flowId: undefined,
      profile,
      providerSessionId: undefined,
      logoutHint: undefined,
      partitionKey: undefined,
      userAgent: "signInAs",
      authenticatedAt: now(),
      sessionCookie: undefined,
    },
  );
  try {
    await onSignedIn?.({ user, isNewUser, idTokenClaims, hasGroupOverage });
  } catch (error) {
    await sessionStore.end(session.id);
    throw error;
  }
  return sessionToken;
}

/** Returns the claims that the person's ID token would contain. */
function createClaims(
  { authority }: Auth,
  { name = "Test User", email, roles, groups, ...ids }: SignedInPerson,
  clientId: string,
  now: Date,
): IdTokenClaims {
  const { tenantId = testTenants.contoso, objectId = randomUUID() } = ids;
  const seconds = Math.floor(now.getTime() / 1000);
  return {
    iss: `${authority}/${tenantId}/v2.0`,
    sub: `${objectId}.${clientId}`,
    aud: clientId,
    iat: seconds,
    exp: seconds + 3600,
    auth_time: seconds,
    tid: tenantId,
    oid: objectId,
    name,
    preferred_username: email,
    email,
    // As Entra confirms the address.
    xms_edov: true,
    roles,
    groups,
  };
}

function createHeaders(
  auth: Auth,
  cookie: string,
): Readonly<Record<string, string>> {
  return {
    cookie: `${createCookieNames(auth).session}=${cookie}`,
    origin: auth.origin,
    "sec-fetch-site": "same-origin",
    "x-csrf": "1",
  };
}

function createCookie(auth: Auth, value: string): TestCookie {
  return {
    name: createCookieNames(auth).session,
    value,
    url: auth.origin,
    httpOnly: true,
    secure: auth.origin.startsWith("https:"),
    sameSite: auth.sameSite === "lax" ? "Lax" : "Strict",
  };
}
