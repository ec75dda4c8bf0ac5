import { AadstsError } from "../../protocol/aadsts.js";
import { requireParameter } from "../../protocol/authorization-request.js";
import type { JsonObject } from "../../faults/fault.js";
import { addSeconds } from "../../state/clock.js";
import type { EmulatorState } from "../../state/emulator-state.js";
import type { RefreshRecord } from "../../state/grant.js";
import { sha256 } from "../../state/random.js";
import { createTokenAnswer } from "./token-answer.js";
import { requirePlatformRules, type TokenRequest } from "./token-request.js";

const SPA_CHAIN_SECONDS = 24 * 60 * 60;

/** Redeems a refresh token. A new one is issued, and the old one stays valid. */
export async function redeemRefreshToken(
  state: EmulatorState,
  tokenRequest: TokenRequest,
): Promise<JsonObject> {
  const { form } = tokenRequest.request;
  const record = state.refreshTokens.get(
    sha256(requireParameter(form, "refresh_token")),
  );
  if (record === undefined) throw new AadstsError(70008);
  const { grant } = record;
  if (grant.clientId !== tokenRequest.client.app.clientId)
    throw new AadstsError(70000);
  requirePlatformRules(grant.platform, tokenRequest);
  checkLife(state, record);
  return createTokenAnswer(state, {
    tokenRequest,
    // A refreshed ID token has no nonce, because it belongs to no authorization request.
    grant: { ...grant, nonce: undefined },
    scope: form.get("scope"),
    occasion: "refresh_token",
    chainStartedAt: record.chainStartedAt,
  });
}

function checkLife(
  state: EmulatorState,
  { grant, issuedAt, chainStartedAt }: RefreshRecord,
): void {
  const now = state.clock.now();
  if (
    grant.platform === "spa" &&
    now >= addSeconds(chainStartedAt, SPA_CHAIN_SECONDS)
  )
    throw new AadstsError(700084);
  const revokedAt = state.revocations.get(grant.account.upn);
  if (revokedAt !== undefined && issuedAt <= revokedAt)
    throw new AadstsError(50173);
}
