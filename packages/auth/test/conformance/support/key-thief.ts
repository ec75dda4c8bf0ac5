import { once } from "node:events";
import { createServer } from "node:http";
import type { EntraEmulator, JsonObject } from "@entrada/entra-emulator";

/** A server of an attacker that publishes the key of the emulator's forged signatures. */
export interface KeyThief {
  /** Token headers that link to the key or contain it. */
  readonly headers: readonly JsonObject[];
  readonly countRequests: () => number;
  readonly stop: () => Promise<void>;
}

/** Starts the server. */
export async function startKeyThief(
  emulator: EntraEmulator,
): Promise<KeyThief> {
  const key = await readForgingKey(emulator);
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys: [key] }));
  }).listen(0, "localhost");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const url = `http://localhost:${port}/keys`;
  return {
    headers: [
      { jku: url },
      { jwk: key },
      { x5u: url },
      { x5c: key["x5c"] ?? [] },
    ],
    countRequests: () => requests,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Makes the emulator publish the key of its forged signatures, and returns it. */
async function readForgingKey(emulator: EntraEmulator): Promise<JsonObject> {
  const remove = emulator.control.setFault({
    type: "key_set",
    variant: "extra_keys",
  });
  const response = await fetch(
    `${emulator.origin}/organizations/discovery/v2.0/keys`,
  );
  remove();
  const { keys }: { readonly keys: readonly JsonObject[] } = JSON.parse(
    await response.text(),
  );
  const [key] = keys;
  if (key === undefined) throw new Error("The emulator publishes no key.");
  return key;
}
