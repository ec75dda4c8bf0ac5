import { createHash } from "node:crypto";
import { AadstsError } from "../../protocol/aadsts.js";
import { requireParameter } from "../../protocol/authorization-request.js";
import type { JsonObject } from "../../faults/fault.js";
import { parseScopes } from "../../directory/scopes.js";
import { addSeconds } from "../../state/clock.js";
import type { EmulatorState } from "../../state/emulator-state.js";
import type { CodeRecord } from "../../state/grant.js";
import { sha256 } from "../../state/random.js";
import { createTokenAnswer } from "./token-answer.js";
import { requirePlatformRules, type TokenRequest } from "./token-request.js";

const CODE_LIFETIME_SECONDS = 600;

/** Redeems an authorization code (RFC 6749 §4.1.3). @throws {AadstsError} if it must be refused. */
export async function redeemCode(
  state: EmulatorState,
  tokenRequest: TokenRequest,
): Promise<JsonObject> {
  const { form } = tokenRequest.request;
  const key = sha256(requireParameter(form, "code"));
  const record = requireCode(state, tokenRequest, key);
  requirePlatformRules(record.grant.platform, tokenRequest);
  if (form.get("redirect_uri") !== record.redirectUri) {
    throw new AadstsError(
      50011,
      form.get("redirect_uri") ?? "",
      record.grant.clientId,
    );
  }
  checkVerifier(record, form.get("code_verifier"));
  const requested = parseScopes(state.directory, form.get("scope") ?? "");
  if (requested.resources.length > 1) {
    throw new AadstsError(
      700022,
      requested.resources.map(({ resource }) => resource.id).join(" "),
    );
  }
  state.codes.set(
    key,
    { ...record, isRedeemed: true },
    addSeconds(record.issuedAt, 2 * CODE_LIFETIME_SECONDS),
  );
  return createTokenAnswer(state, {
    tokenRequest,
    grant: record.grant,
    scope: form.get("scope"),
    occasion: "authorization_code",
    chainStartedAt: state.clock.now(),
  });
}

function requireCode(
  state: EmulatorState,
  { authority, client }: TokenRequest,
  key: string,
): CodeRecord {
  const record = state.codes.get(key);
  if (record === undefined || record.grant.clientId !== client.app.clientId)
    throw new AadstsError(70000);
  if (record.authoritySegment !== authority.segment)
    throw new AadstsError(700005);
  if (record.isRedeemed) throw new AadstsError(54005);
  const expiresAt = addSeconds(record.issuedAt, CODE_LIFETIME_SECONDS);
  if (state.clock.now() > expiresAt) throw new AadstsError(70008);
  return record;
}

function checkVerifier(
  { codeChallenge, codeChallengeMethod, grant }: CodeRecord,
  verifier: string | undefined,
): void {
  if (codeChallenge === undefined) {
    if (grant.platform === "spa") throw new AadstsError(9002325);
    return;
  }
  if (verifier === undefined) throw new AadstsError(501481);
  const digest = createHash("sha256").update(verifier).digest("base64url");
  if ((codeChallengeMethod === "S256" ? digest : verifier) !== codeChallenge)
    throw new AadstsError(501481);
}
