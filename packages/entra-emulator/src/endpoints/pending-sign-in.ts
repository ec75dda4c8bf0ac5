import { addSeconds } from "../state/clock.js";
import type { EmulatorState, PendingSignIn } from "../state/emulator-state.js";
import { randomToken } from "../state/random.js";

const PENDING_SECONDS = 60 * 60;

/** Stores an authorization request until a page's form is sent; returns the unguessable ID for the form. */
export function rememberPending(
  state: EmulatorState,
  pending: PendingSignIn,
): string {
  const requestId = randomToken(32);
  state.pending.set(
    requestId,
    pending,
    addSeconds(state.clock.now(), PENDING_SECONDS),
  );
  return requestId;
}
