import {
  applyPatch,
  type JsonObject,
  type TokenOccasion,
} from "../faults/fault.js";
import type { FaultContext } from "../faults/fault-registry.js";
import type { EmulatorState } from "../state/emulator-state.js";
import {
  createIdTokenClaims,
  type IdTokenRequest,
  leftHalfHash,
} from "./id-token-claims.js";
import {
  appSigningKeyOf,
  idTokenHeader,
  signCompact,
  signWrongly,
} from "./sign-token.js";

/** Issues an ID token, changed by active faults. */
export async function issueIdToken(
  state: EmulatorState,
  request: IdTokenRequest,
  occasion: TokenOccasion,
): Promise<string> {
  const context = { clientId: request.app.clientId, occasion };
  await rotateIfTold(state, context);
  const claims = changeClaims(
    state,
    context,
    createIdTokenClaims(state, request),
  );
  const { app, account } = request;
  const key = await appSigningKeyOf(state, account.tenant, app);
  const header = state.faults
    .take("id_token_header", context)
    .reduce(applyPatch, idTokenHeader(key));
  const [wrong] = state.faults.take("id_token_signature", context);
  if (wrong === undefined) return signCompact(key.privateKey, header, claims);
  const clientSecret = app.clientSecret ?? "";
  return signWrongly(state, {
    variant: wrong.variant,
    header,
    claims,
    key,
    clientSecret,
  });
}

async function rotateIfTold(
  state: EmulatorState,
  context: FaultContext,
): Promise<void> {
  for (const fault of state.faults.take("rotate_before_signing", context)) {
    await state.keys.rotate({ retirePrevious: fault.retirePrevious });
  }
}

function changeClaims(
  state: EmulatorState,
  context: FaultContext,
  claims: JsonObject,
): JsonObject {
  let changed = claims;
  for (const { claim } of state.faults.take("id_token_wrong_hash", context)) {
    changed = { ...changed, [claim]: leftHalfHash("some other token") };
  }
  for (const fault of state.faults.take("id_token_claims", context)) {
    changed = applyPatch(changed, fault);
    changed = fault.transform?.(changed) ?? changed;
  }
  return changed;
}
