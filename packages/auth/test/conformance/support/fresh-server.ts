import type { EntraEmulator } from "@entrada/entra-emulator";
import { withRelyingParty } from "./relying-party.js";
import type { RelyingParty } from "./relying-party.js";
import { createServerClock } from "../../../../../apps/server/test/support/server-clock.js";
import type { ServerClock } from "../../../../../apps/server/test/support/server-clock.js";

/** How long the server waits before it reads the keys again for one that it does not know; less for what it could not read. */
export const cooldownSeconds = 30;

/** Does something with a server that has read no keys yet, and with its clock, and stops it. */
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

/** Counts how often the keys were read meanwhile. */
export async function countKeyReads(
  { control }: EntraEmulator,
  act: () => Promise<unknown>,
): Promise<number> {
  control.clearRequests();
  await act();
  return control.requests("keys").length;
}
