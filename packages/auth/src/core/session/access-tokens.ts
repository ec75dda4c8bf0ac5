import type { Core } from "../core.js";
import { toFailure } from "../error.js";
import type { AccessToken } from "../identifiers.js";
import type { ActiveSession } from "./active-session.js";
import {
  createSingleFlight,
  findOrRefreshToken,
} from "../token/access-token.js";
import type { AccessTokenRequest } from "../token/access-token.js";

/** The access tokens of signed-in users. */
export interface AccessTokens {
  /**
   * Returns a fresh access token for the session's account: the cached one, or a new one from the identity provider.
   * Concurrent calls for the same account and scopes share one request.
   *
   * @throws {AuthError} `interaction_required` or `consent_required` if the user must sign in or consent again. Call
   *   `initiateFlow` with the same scopes and with the `claims` of the error.
   * @throws {AuthError} `authorization_denied` if a policy refuses; `rate_limited` if the identity provider asks for a
   *   delay; `not_signed_in` if the session has ended; `store_unavailable`
   */
  acquireAccessToken(
    active: ActiveSession,
    request: AccessTokenRequest,
  ): Promise<AccessToken>;
}

export function createAccessTokens(core: Core): AccessTokens {
  const { activeSessions, settings, report } = core;
  const shareFlight = createSingleFlight();
  return {
    acquireAccessToken: async (active, request) => {
      const stored = await activeSessions.require(active);
      const { session, user } = stored;
      const flight = JSON.stringify([session.partitionKey, user.id, request]);
      try {
        const { accessToken, fromCache } = await shareFlight(flight, () =>
          findOrRefreshToken(core, settings.tenantRule, stored, request),
        );
        report({ type: "token.acquired", sessionId: session.id, fromCache });
        return accessToken;
      } catch (error) {
        const failure = toFailure(error);
        report({
          type: "token.refused",
          sessionId: session.id,
          userId: user.id,
          code: failure.code,
          aadsts: failure.provider?.aadsts,
        });
        throw failure;
      }
    },
  };
}
