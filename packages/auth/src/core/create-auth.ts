import { createAdministration } from "./administration/administration.js";
import { createHousekeeping } from "./administration/delete-expired.js";
import type { Auth } from "./auth.js";
import { withParts } from "./auth-parts.js";
import { createCore } from "./core.js";
import type { AuthOptions } from "./options.js";
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
export function createAuth(options: AuthOptions): Auth {
  const core = createCore(options);
  const auth: Auth = {
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
  };
  const { stores, rateLimit, trustedProxies = [] } = options;
  const refreshSession = core.activeSessions.refresh;
  return withParts(auth, {
    stores,
    rateLimit,
    trustedProxies,
    validateBearerToken: createBearerValidation(core, core.settings.tenantRule),
    refreshSession,
  });
}
