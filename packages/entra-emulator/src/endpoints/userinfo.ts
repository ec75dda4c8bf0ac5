import { findAccount } from "../directory/account.js";
import { applyPatch, type JsonObject } from "../faults/fault.js";
import { GRAPH } from "../directory/scopes.js";
import type { EmulatorState } from "../state/emulator-state.js";
import { sha256 } from "../state/random.js";
import {
  pairwiseSubject,
  withoutUndefined,
} from "../tokens/id-token-claims.js";
import type { EmulatorRequest } from "./emulator-request.js";

/** Serves UserInfo (OIDC Core §5.3), which Entra ID serves on Microsoft Graph's host. */
export function handleUserInfo(
  state: EmulatorState,
  request: EmulatorRequest,
): Response {
  const [, token] = /^Bearer (\S+)$/i.exec(request.authorization ?? "") ?? [];
  const record =
    token === undefined ? undefined : state.accessTokens.get(sha256(token));
  const account =
    record?.resourceId === GRAPH
      ? findAccount(state.directory, record.account)
      : undefined;
  if (record === undefined || account === undefined) return refuse();
  const { person } = account;
  const claims: JsonObject = withoutUndefined({
    sub: pairwiseSubject(record.clientId, account),
    name: person.name,
    family_name: person.familyName,
    given_name: person.givenName,
    picture: "https://graph.microsoft.com/v1.0/me/photo/$value",
    email: record.scopeNames.includes("email") ? person.email : undefined,
  });
  const body = state.faults
    .take("userinfo", { clientId: record.clientId })
    .reduce(applyPatch, claims);
  return Response.json(body, { headers: { "Cache-Control": "no-store" } });
}

function refuse(): Response {
  const error = {
    code: "InvalidAuthenticationToken",
    message: "Access token validation failure. Invalid audience.",
  };
  return Response.json(
    { error },
    { status: 401, headers: { "WWW-Authenticate": 'Bearer realm=""' } },
  );
}
