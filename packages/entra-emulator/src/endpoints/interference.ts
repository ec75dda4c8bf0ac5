import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "hono";
import type { EmulatorState } from "../state/emulator-state.js";
import type { EndpointName } from "../state/journal.js";
import type { EmulatorRequest } from "./emulator-request.js";
import type { EmulatorEnv } from "./emulator-request.js";

/** Applies `delay` and `down` faults to an endpoint; returns the response that replaces the endpoint's own, if any. */
export async function interfere(
  state: EmulatorState,
  context: Context<EmulatorEnv>,
  endpoint: EndpointName,
  request: EmulatorRequest,
): Promise<Response | undefined> {
  const faultContext = {
    endpoint,
    clientId: request.parameters.get("client_id"),
  };
  for (const fault of state.faults.take("delay", faultContext)) {
    await delay(fault.delayMilliseconds, undefined, { ref: false });
    await fault.until?.();
  }
  const [down] = state.faults.take("down", faultContext);
  if (down === undefined) return undefined;
  if (down.how === "destroy") context.env.incoming.socket.destroy();
  return new Response("Service unavailable", { status: down.status ?? 503 });
}
