import type { EntraEmulator } from "@entrada/entra-emulator";
import { withRelyingParty } from "./relying-party.js";
import type { RelyingParty } from "./relying-party.js";
import { createServerClock } from "../../../../../apps/server/test/support/server-clock.js";
import type { ServerClock } from "../../../../../apps/server/test/support/server-clock.js";

/** The minimum time between two key reads for unknown key IDs. */
export const cooldownSeconds = 30;

/** Runs the action with a server that has not read any keys, and with its clock, and stops the server. */
export async function withFreshServer(
  emulator: EntraEmulator,
  act: (relyingParty: RelyingParty, clock: ServerClock) => Promise<void>,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const clock = createServerClock();
  try {
    await withRelyingParty(
      { emulator, environment: { ...clock.environment, ...environment } },
      (relyingParty) => act(relyingParty, clock),
    );
  } finally {
    clock.remove();
  }
}

/** Counts how often the keys are read during the action. */
export async function countKeyReads(
  { control }: EntraEmulator,
  act: () => Promise<unknown>,
): Promise<number> {
  control.clearRequests();
  await act();
  return control.requests("keys").length;
}
