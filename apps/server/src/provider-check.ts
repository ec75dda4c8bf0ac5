import { createIdentityProvider, isAuthError } from "@entrada/auth";
import type { IdentityProviderOptions } from "@entrada/auth";
import { describeError } from "./log.js";
import type { Log } from "./log.js";

/**
 * Logs an error if the identity provider does not know the configured tenant, so that the mistake is visible before the
 * first sign-in. An outage is not logged, because it may be over by then. The metadata is not cached.
 */
export async function checkTenant(
  log: Log,
  options: IdentityProviderOptions,
): Promise<void> {
  try {
    await createIdentityProvider(options).readMetadata();
  } catch (error) {
    if (isAuthError(error) && error.code === "tenant_not_found")
      log.error({ error: describeError(error) }, "tenant.not_found");
  }
}
