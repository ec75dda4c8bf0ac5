import type { AuthOptions } from "./options.js";
import { aal2 } from "./session/session-timeouts.js";
import type { SessionTimeouts } from "./session/session-timeouts.js";
import { isGuid } from "./identifiers.js";
import type { TenantRule } from "./provider/tenant.js";

/** The options of `createAuth`, checked and completed. */
export interface AuthSettings {
  readonly origin: string;
  /** The application's address without a trailing slash: its origin, and its path where it has one. */
  readonly appUrl: string;
  readonly signedOutPage: string;
  readonly sessionTimeouts: SessionTimeouts;
  readonly flowTimeoutSeconds: number;
  readonly tenantRule: TenantRule;
  readonly operatorTenantId: string | undefined;
  readonly auditRetentionDays: number | undefined;
}

const defaultFlowTimeoutSeconds = 600;
/** The database refuses to delete entries that are younger. */
const minimumAuditRetentionDays = 30;
const appPathPattern = /^(\/|(\/[A-Za-z0-9._~-]+)+\/?)$/;

/** @throws {TypeError} if an option contradicts another or is unsafe, naming it. */
export function parseSettings(options: AuthOptions): AuthSettings {
  const appUrl = parseAppUrl(options.appUrl);
  requireOwnRedirectUri(options.identityClient.redirectUri, appUrl);
  const sessionTimeouts = { ...aal2, ...withoutAbsent(options.session ?? {}) };
  const flowTimeoutSeconds =
    options.flow?.timeoutSeconds ?? defaultFlowTimeoutSeconds;
  requirePositive([...Object.values(sessionTimeouts), flowTimeoutSeconds]);
  requireRetention(options.auditRetentionDays);
  const { tenant } = options.identityClient.identityProvider;
  const tenantRule = { tenant, allowedTenants: options.allowedTenants };
  return {
    origin: new URL(appUrl).origin,
    appUrl,
    signedOutPage: parseSignedOutPage(options.signedOutPath, appUrl),
    sessionTimeouts,
    flowTimeoutSeconds,
    tenantRule,
    operatorTenantId: options.operatorTenantId ?? findOnlyTenant(tenantRule),
    auditRetentionDays: options.auditRetentionDays,
  };
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
      "appUrl must be an origin, with a path of letters, digits and -._~ where the application lives under one; without query or credentials.",
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
  // The path of the application may be part of it already.
  const page = path.startsWith(`${pathname}/`)
    ? `${origin}${path}`
    : `${appUrl}${path}`;
  if (!path.startsWith("/") || !isBelow(page, appUrl))
    throw new TypeError(
      "signedOutPath must be a path of the application, such as /goodbye.",
    );
  return new URL(page).href;
}

/** Whether the address stays below the application's once it is parsed, `..` and `//` included. */
function isBelow(address: string, appUrl: string): boolean {
  if (!URL.canParse(address)) return false;
  const { href, pathname } = new URL(address);
  return href.startsWith(`${appUrl}/`) && !pathname.startsWith("//");
}

function requirePositive(seconds: readonly number[]): void {
  if (!seconds.every((value) => Number.isFinite(value) && value > 0))
    throw new TypeError("Timeouts are positive numbers of seconds.");
}

function requireRetention(days: number | undefined): void {
  if (days === undefined) return;
  if (!Number.isFinite(days) || days < minimumAuditRetentionDays)
    throw new TypeError(
      `auditRetentionDays has to be a number of at least ${minimumAuditRetentionDays}.`,
    );
}

function withoutAbsent(
  timeouts: Partial<SessionTimeouts>,
): Partial<SessionTimeouts> {
  return Object.fromEntries(
    Object.entries(timeouts).filter(([, value]) => value !== undefined),
  );
}

/** Returns the organisation that alone may sign in; `undefined` if there may be others. */
function findOnlyTenant({
  tenant,
  allowedTenants,
}: TenantRule): string | undefined {
  if (isGuid(tenant)) return tenant;
  return allowedTenants?.length === 1 ? allowedTenants[0] : undefined;
}
