import { randomUUID } from "node:crypto";
import { findAccount } from "./directory/account.js";
import type { JsonObject, SignatureVariant } from "./faults/fault.js";
import { toNumericDate } from "./state/clock.js";
import type { EmulatorState } from "./state/emulator-state.js";
import {
  issuerOf,
  pairwiseSubject,
  withoutUndefined,
} from "./tokens/id-token-claims.js";
import {
  appSigningKeyOf,
  idTokenHeader,
  signCompact,
  signWrongly,
} from "./tokens/sign-token.js";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";

/** The valid logout token, and invalid ones. */
export const logoutTokenVariants = [
  "valid",
  "alg_none",
  "wrong_alg",
  "unpublished_key",
  "no_event",
  "wrong_event",
  "with_nonce",
  "wrong_aud",
  "wrong_iss",
  "no_subject",
  "expired",
] as const;
/** A valid or invalid form of logout token. */
export type LogoutTokenVariant = (typeof logoutTokenVariants)[number];

/** The person and the app of a logout token. */
export interface LogoutTokenRequest {
  readonly clientId: string;
  readonly upn: string;
  /** The session's `sid`; without it the token contains only the person (`sub`). */
  readonly sid?: string | undefined;
  /** The tenant that the person signed in to; by default their home tenant. */
  readonly tenantId?: string | undefined;
  /** Default `valid`. */
  readonly variant?: LogoutTokenVariant | undefined;
}

/** The app's response. */
export interface SentLogoutToken {
  readonly status: number;
  readonly body: string;
}

/** Creates a logout token (OIDC Back-Channel Logout 1.0 §2.4). */
export async function createLogoutToken(
  state: EmulatorState,
  request: LogoutTokenRequest,
): Promise<string> {
  const variant = request.variant ?? "valid";
  const account = requireAccount(state, request);
  const now = toNumericDate(state.clock.now());
  const claims = withoutUndefined({
    iss: issuerOf(state, account.tenant),
    aud: request.clientId,
    iat: now,
    exp: now + 120,
    jti: randomUUID(),
    sub: pairwiseSubject(request.clientId, account),
    sid: request.sid,
    events: { [EVENT]: {} },
    ...changes[variant]?.(now),
  });
  const app = state.directory.findApp(request.clientId);
  const key = await appSigningKeyOf(state, account.tenant, app);
  const header = { ...idTokenHeader(key), typ: "logout+jwt" };
  const signature = signatures[variant];
  if (signature === undefined)
    return signCompact(key.privateKey, header, claims);
  return signWrongly(state, {
    variant: signature,
    header,
    claims,
    key,
    clientSecret: app?.clientSecret ?? "",
  });
}

/** Creates a logout token and posts it (§2.5). @throws {TypeError} if `url` is not on loopback. */
export async function sendLogoutToken(
  state: EmulatorState,
  request: LogoutTokenRequest & { readonly url: string },
): Promise<SentLogoutToken> {
  if (
    !["localhost", "127.0.0.1", "[::1]"].includes(new URL(request.url).hostname)
  ) {
    throw new TypeError("Logout tokens are sent to loopback addresses only.");
  }
  const body = new URLSearchParams({
    logout_token: await createLogoutToken(state, request),
  });
  const response = await fetch(request.url, {
    method: "POST",
    body,
    redirect: "manual",
  });
  return { status: response.status, body: await response.text() };
}

function requireAccount(
  state: EmulatorState,
  request: LogoutTokenRequest,
): NonNullable<ReturnType<typeof findAccount>> {
  const person = state.directory.findPerson(request.upn);
  const tenantId = request.tenantId ?? person?.home.tenantId ?? "";
  const account = findAccount(state.directory, { upn: request.upn, tenantId });
  if (account === undefined)
    throw new TypeError(
      `${request.upn} has no account in tenant "${tenantId}".`,
    );
  return account;
}

const changes: Partial<
  Record<
    LogoutTokenVariant,
    (now: number) => Readonly<Record<string, JsonObject[string] | undefined>>
  >
> = {
  no_event: () => ({ events: undefined }),
  wrong_event: () => ({ events: { "https://example.com/another-event": {} } }),
  with_nonce: () => ({ nonce: "a logout token must not have one" }),
  wrong_aud: () => ({ aud: "another-client" }),
  wrong_iss: () => ({ iss: "https://login.example/v2.0" }),
  no_subject: () => ({ sub: undefined, sid: undefined }),
  expired: (now) => ({ iat: now - 7200, exp: now - 3600 }),
};

const signatures: Partial<Record<LogoutTokenVariant, SignatureVariant>> = {
  alg_none: "none",
  wrong_alg: "hs256_client_secret",
  unpublished_key: "rs256_unpublished_key",
};
