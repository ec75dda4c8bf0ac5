import type { Core } from "../core.js";
import { AuthError } from "../error.js";
import type { TenantId } from "../identifiers.js";
import { matchesIssuer, readIssuerTenant } from "../provider/tenant.js";
import type { EndedSession } from "../stores/session-store.js";
import { validateLogoutToken } from "../token/logout-token.js";
import { closeSessions } from "./session-end.js";

/** Sign-outs that the identity provider requests. */
export interface ProviderSignOut {
  /**
   * Ends every session that was started within this session of the identity provider (`sid`): front-channel sign-out.
   * Entra sends no issuer. If there is one, it must be the identity provider's, and only sessions of its organisation
   * end.
   *
   * @returns Whether any session has ended.
   *
   * @throws {AuthError} `invalid_request` if the issuer is not the identity provider's;
   *   `identity_provider_unavailable`, `store_unavailable`
   * @see {@link https://openid.net/specs/openid-connect-frontchannel-1_0.html#RPLogout | Front-Channel Logout 1.0 §2}
   */
  endProviderSession(
    providerSessionId: string,
    issuer?: string,
  ): Promise<boolean>;

  /**
   * Ends every session that a logout token of the identity provider names, by `sid` or by user: back-channel sign-out.
   *
   * @throws {AuthError} `invalid_request` if the token is not valid; `store_unavailable`
   * @see {@link https://openid.net/specs/openid-connect-backchannel-1_0.html#BCActions | Back-Channel Logout 1.0 §2.7}
   */
  endByLogoutToken(logoutToken: string): Promise<void>;
}

export function createProviderSignOut(core: Core): ProviderSignOut {
  const { sessionStore, report } = core;
  const close = (ended: readonly EndedSession[]) =>
    closeSessions(core, report, ended, "provider_signed_out");
  return {
    endProviderSession: async (providerSessionId, issuer) => {
      const tenantId =
        issuer === undefined ? undefined : await requireTenant(core, issuer);
      const ended = await sessionStore.endByProviderSession(providerSessionId, {
        tenantId,
        subject: undefined,
        startedUntil: undefined,
      });
      await close(ended);
      return ended.length > 0;
    },
    endByLogoutToken: async (logoutToken) => {
      const claims = await validateLogoutToken(core, logoutToken);
      const { providerSessionId, subject, tenantId, startedUntil } = claims;
      await close(
        providerSessionId === undefined
          ? await sessionStore.endBySubject(tenantId, subject, startedUntil)
          : await sessionStore.endByProviderSession(providerSessionId, {
              tenantId,
              subject,
              startedUntil,
            }),
      );
    },
  };
}

/** Returns the tenant of the issuer, which must be the identity provider's. */
async function requireTenant(
  { identityClient }: Core,
  iss: string,
): Promise<TenantId | undefined> {
  const { issuer } = await identityClient.identityProvider.readMetadata();
  if (!matchesIssuer(iss, issuer))
    throw new AuthError(
      "invalid_request",
      "The issuer of the sign-out request is not the identity provider's.",
    );
  return readIssuerTenant(iss);
}
