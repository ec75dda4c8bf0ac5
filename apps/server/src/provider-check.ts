import { createIdentityProvider, isAuthError } from "@entrada/auth";
import type { IdentityProviderOptions } from "@entrada/auth";
import { describeError } from "./log.js";
import type { Log } from "./log.js";

/**
 * Logs once if the identity provider has no such tenant, or another cloud has it: a mistake in the environment that would
 * otherwise show at the first sign-in. An outage is not reported, as it may be over by then. What is read here is kept
 * nowhere, so that the first sign-in asks for itself.
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
