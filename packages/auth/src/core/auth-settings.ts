import { withoutAbsent } from "./fields.js";
import type { AuthOptions, SameSite } from "./options.js";
import { aal2 } from "./session/session-timeouts.js";
import type { SessionTimeouts } from "./session/session-timeouts.js";
import { isGuid } from "./identifiers.js";
import type { TenantRule } from "./provider/tenant.js";

/** The settings of an `Auth` that adapters and apps can read. */
export interface SharedSettings {
  /** The application's public origin. */
  readonly origin: string;
  /** The application's public address without a trailing slash: its origin, and its path if it has one. */
  readonly appUrl: string;
  /** The URL to which the identity provider sends the visitor back. */
  readonly redirectUri: string;
  /** The `SameSite` attribute of its cookies. */
  readonly sameSite: SameSite;
  /** Whether HSTS also covers the subdomains of its host. */
  readonly hstsIncludeSubDomains: boolean;
  /** Whether a sign-out makes the browser delete the storage of the application's origin. */
  readonly clearsStorage: boolean;
  /** The identity provider's base URL. */
  readonly authority: string;
  /** How long a flow waits for its callback. Also the lifetime of the flow cookie. */
  readonly flowTimeoutSeconds: number;
  /** How long a session can last. The absolute timeout is also the lifetime of the session cookie. */
  readonly sessionTimeouts: SessionTimeouts;
}

/** The options of `createAuth`, validated and with defaults. */
export interface AuthSettings extends Pick<
  AuthOptions,
  "onSignIn" | "onSignedIn" | "auditRetentionDays" | "operatorTenantId"
> {
  readonly shared: SharedSettings;
  readonly signedOutPage: string;
  readonly tenantRule: TenantRule;
  /** Whether a sign-out sends the ID token, which is then stored even if the app requests no tokens. */
  readonly sendsIdTokenHint: boolean;
}

const defaultFlowTimeoutSeconds = 600;
/** The database refuses to delete more recent entries. */
const minimumAuditRetentionDays = 30;
/** The path of `appUrl`. */
export const appPathPattern = /^(\/|(\/[A-Za-z0-9._~-]+)+\/?)$/;

/** @throws {TypeError} if an option contradicts another or is unsafe, naming it. */
export function parseSettings(options: AuthOptions): AuthSettings {
  const { identityClient, signOut, onSignIn, onSignedIn, auditRetentionDays } =
    options;
  const { tenant, authority } = identityClient.identityProvider;
  const appUrl = parseAppUrl(options.appUrl);
  requireOwnRedirectUri(identityClient.redirectUri, appUrl);
  requireRetention(auditRetentionDays);
  const tenantRule = { tenant, allowedTenants: options.allowedTenants };
  return {
    shared: {
      origin: new URL(appUrl).origin,
      appUrl,
      redirectUri: identityClient.redirectUri,
      sameSite: options.sameSite ?? "strict",
      hstsIncludeSubDomains: options.hstsIncludeSubDomains ?? true,
      clearsStorage: signOut?.clearsStorage ?? false,
      authority,
      ...parseTimeouts(options),
    },
    signedOutPage: parseSignedOutPage(options.signedOutPath, appUrl),
    tenantRule,
    sendsIdTokenHint: signOut?.sendsIdTokenHint ?? false,
    operatorTenantId: options.operatorTenantId ?? findOnlyTenant(tenantRule),
    auditRetentionDays,
    onSignIn,
    onSignedIn,
  };
}

function parseTimeouts({
  flow,
  session,
}: AuthOptions): Pick<
  SharedSettings,
  "flowTimeoutSeconds" | "sessionTimeouts"
> {
  const flowTimeoutSeconds = flow?.timeoutSeconds ?? defaultFlowTimeoutSeconds;
  const sessionTimeouts = { ...aal2, ...withoutAbsent(session ?? {}) };
  const seconds = [...Object.values(sessionTimeouts), flowTimeoutSeconds];
  if (!seconds.every((value) => Number.isFinite(value) && value > 0))
    throw new TypeError("Timeouts must be positive numbers of seconds.");
  return { flowTimeoutSeconds, sessionTimeouts };
}

/** Returns the address without a trailing slash. */
function parseAppUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    (url.protocol !== "https:" && url.protocol !== "http:")
  ) {
    throw new TypeError("appUrl must be an http or https URL.");
  }
  if (
    url.search !== "" ||
    url.hash !== "" ||
    url.username !== "" ||
    url.password !== "" ||
    !appPathPattern.test(url.pathname)
  ) {
    throw new TypeError(
      "appUrl must be an origin, optionally with a path of letters, digits and -._~, without query or credentials.",
    );
  }
  return `${url.origin}${url.pathname.replace(/\/$/, "")}`;
}

function requireOwnRedirectUri(redirectUri: string, appUrl: string): void {
  if (
    !URL.canParse(redirectUri) ||
    !new URL(redirectUri).href.startsWith(`${appUrl}/`)
  ) {
    throw new TypeError(
      "The redirect URI of the identity client must be below appUrl.",
    );
  }
}

function parseSignedOutPage(path: string | undefined, appUrl: string): string {
  if (path === undefined) return `${appUrl}/`;
  const { pathname, origin } = new URL(appUrl);
  // `path` may already contain the path of the application.
  const page = path.startsWith(`${pathname}/`)
    ? `${origin}${path}`
    : `${appUrl}${path}`;
  if (!path.startsWith("/") || !isBelow(page, appUrl))
    throw new TypeError(
      "signedOutPath must be a path of the application, such as /goodbye.",
    );
  return new URL(page).href;
}

/** Returns whether the address is below the application's URL after parsing, which resolves `..` and `//`. */
function isBelow(address: string, appUrl: string): boolean {
  const { href, pathname } = new URL(address);
  return href.startsWith(`${appUrl}/`) && !pathname.startsWith("//");
}

function requireRetention(days: number | undefined): void {
  if (days === undefined) return;
  if (!Number.isFinite(days) || days < minimumAuditRetentionDays)
    throw new TypeError(
      `auditRetentionDays must be a number of at least ${minimumAuditRetentionDays}.`,
    );
}

/** Returns the tenant ID of the only organisation that may sign in; `undefined` if several may. */
function findOnlyTenant({
  tenant,
  allowedTenants,
}: TenantRule): string | undefined {
  if (isGuid(tenant)) return tenant;
  return allowedTenants?.length === 1 ? allowedTenants[0] : undefined;
}
