import { AadstsError } from "../../protocol/aadsts.js";
import { requireParameter } from "../../protocol/authorization-request.js";
import { parseScopes } from "../../directory/scopes.js";
import type { JsonObject } from "../../faults/fault.js";
import type { EmulatorState } from "../../state/emulator-state.js";
import { issueAppOnlyToken } from "../../tokens/access-token.js";
import type { TokenRequest } from "./token-request.js";

/** Issues a token for the app itself (RFC 6749 §4.4): for one resource, with `.default`, on a tenant's path. */
export async function redeemClientCredentials(
  state: EmulatorState,
  { authority, client, request }: TokenRequest,
): Promise<JsonObject> {
  if (authority.tenant === undefined) throw new AadstsError(9001023);
  if (client.clientAuthentication === 0) throw new AadstsError(7000218);
  const scope = requireParameter(request.form, "scope");
  const [requested, ...others] = parseScopes(state.directory, scope).resources;
  if (
    requested === undefined ||
    others.length > 0 ||
    !requested.names.includes(".default")
  ) {
    throw new AadstsError(70011, scope);
  }
  const { accessToken, expiresInSeconds } = await issueAppOnlyToken(state, {
    app: client.app,
    resource: requested.resource,
    tenant: authority.tenant,
    clientAuthentication: client.clientAuthentication,
  });
  return {
    token_type: "Bearer",
    expires_in: expiresInSeconds,
    ext_expires_in: expiresInSeconds,
    access_token: accessToken,
  };
}
