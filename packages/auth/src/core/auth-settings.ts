import type { AuthOptions } from "./options.js";
import { aal2 } from "./session-timeouts.js";
import type { SessionTimeouts } from "./session-timeouts.js";
import { isGuid } from "./identifiers.js";
import type { TenantRule } from "./tenant.js";

/** The options of `createAuth`, checked and completed. */
export interface AuthSettings {
  readonly origin: string;
  readonly startPage: string;
  readonly sessionTimeouts: SessionTimeouts;
  readonly flowTimeoutSeconds: number;
  readonly tenantRule: TenantRule;
  readonly operatorTenantId: string | undefined;
  readonly auditRetentionDays: number | undefined;
}

const defaultFlowTimeoutSeconds = 600;
/** The database refuses to delete entries that are younger. */
const minimumAuditRetentionDays = 30;

/** @throws {TypeError} if an option contradicts another or is unsafe, naming it. */
export function parseSettings(options: AuthOptions): AuthSettings {
  const origin = parseOrigin(options);
  const sessionTimeouts = { ...aal2, ...withoutAbsent(options.session ?? {}) };
  const flowTimeoutSeconds =
    options.flow?.timeoutSeconds ?? defaultFlowTimeoutSeconds;
  requirePositive([...Object.values(sessionTimeouts), flowTimeoutSeconds]);
  requireRetention(options.auditRetentionDays);
  const { tenant } = options.identityClient.identityProvider;
  const tenantRule = { tenant, allowedTenants: options.allowedTenants };
  return {
    origin,
    startPage: new URL(origin).href,
    sessionTimeouts,
    flowTimeoutSeconds,
    tenantRule,
    operatorTenantId: options.operatorTenantId ?? findOnlyTenant(tenantRule),
    auditRetentionDays: options.auditRetentionDays,
  };
}

function parseOrigin({ appUrl, identityClient }: AuthOptions): string {
  const url = URL.canParse(appUrl) ? new URL(appUrl) : undefined;
  if (
    url === undefined ||
    (url.protocol !== "https:" && url.protocol !== "http:")
  ) {
    throw new TypeError("appUrl has to be an http or https URL.");
  }
  if (
    url.pathname !== "/" ||
    url.search !== "" ||
    url.hash !== "" ||
    url.username !== "" ||
    url.password !== ""
  ) {
    throw new TypeError(
      "appUrl has to be an origin, without path, query or credentials.",
    );
  }
  const { redirectUri } = identityClient;
  if (
    !URL.canParse(redirectUri) ||
    new URL(redirectUri).origin !== url.origin
  ) {
    throw new TypeError(
      "The redirect URI of the identity client has to be on appUrl's origin.",
    );
  }
  return url.origin;
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

/** Answers the organisation that alone may sign in; `undefined` if there may be others. */
function findOnlyTenant({
  tenant,
  allowedTenants,
}: TenantRule): string | undefined {
  if (isGuid(tenant)) return tenant;
  return allowedTenants?.length === 1 ? allowedTenants[0] : undefined;
}
