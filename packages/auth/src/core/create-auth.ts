import { createAdministration } from "./administration/administration.js";
import { createHousekeeping } from "./administration/delete-expired.js";
import { createUsers } from "./administration/users.js";
import type { Auth } from "./auth.js";
import { withParts } from "./auth-parts.js";
import { createCore } from "./core.js";
import type { AuthOptions } from "./options.js";
import type { NoColumns } from "./stores/user-extension.js";
import { createCurrentSession } from "./session/current-session.js";
import { createOwnSessions } from "./session/own-sessions.js";
import { createProviderSignOut } from "./session/provider-sign-out.js";
import { createSignOut } from "./session/sign-out.js";
import { createFlowCompletion } from "./sign-in/complete-flow.js";
import { createFlowStart } from "./sign-in/flow.js";
import { createBearerValidation } from "./token/bearer-token.js";
import { createAccessTokens } from "./session/access-tokens.js";

/**
 * Creates the sign-in layer of one application.
 *
 * @throws {TypeError} if an option contradicts another or is unsafe, naming it, or if the stores belong to another client.
 */
export function createAuth<Columns = NoColumns>(
  options: AuthOptions<Columns>,
): Auth<Columns> {
  const core = createCore(options);
  const auth: Auth<Columns> = {
    ...core.settings.shared,
    ...createFlowStart(core),
    ...createFlowCompletion(core),
    ...createCurrentSession(core),
    ...createOwnSessions(core),
    ...createSignOut(core),
    ...createProviderSignOut(core),
    ...createAccessTokens(core),
    ...createHousekeeping(core),
    administration: createAdministration(core),
    users: createUsers(core),
  };
  const { stores, identityClient, rateLimit, onSignedIn } = options;
  return withParts(auth, {
    stores,
    clientId: identityClient.clientId,
    now: core.now,
    onSignedIn,
    rateLimit,
    validateBearerToken: createBearerValidation(core, core.settings.tenantRule),
    trustedProxies: options.trustedProxies ?? [],
    refreshSession: core.activeSessions.refresh,
  });
}
