import { once } from "node:events";
import { createServer } from "node:http";
import type { EntraEmulator, JsonObject } from "@entrada/entra-emulator";

/** Somebody who publishes the key of the emulator's forged signatures at an address of their own. */
export interface KeyThief {
  /** Headers that lead to the key, or hold it. */
  readonly headers: readonly JsonObject[];
  readonly countRequests: () => number;
  readonly stop: () => Promise<void>;
}

/** Starts serving the key. */
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

/** The emulator tells the key that it signs forgeries with when it is asked to publish it. */
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
