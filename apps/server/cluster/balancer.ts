import { Agent } from "node:http";
import type {
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import { forward, hasBody } from "./forwarding.js";
import type { Destination } from "./forwarding.js";

/** A server that requests may go to. */
export interface Backend {
  /** Where it is reached, while it is ready for requests. */
  readyAt(): Destination | undefined;
  /** Sends it nothing more until it says again that it is ready. */
  suspend(): void;
}

/** Spreads requests over servers. */
export interface Balancer {
  readonly listener: RequestListener;
  close(): void;
}

const safeMethods: ReadonlySet<string | undefined> = new Set(["GET", "HEAD"]);

/**
 * Makes a small proxy for development and tests: it hands requests to the servers in turn. One that nobody listened for
 * goes to the next server; so does one that broke off, if it only reads. Whoever writes is told, and tries again himself:
 * the server may have done it.
 */
export function createBalancer(backends: readonly Backend[]): Balancer {
  const agent = new Agent({ keepAlive: true });
  let turn = 0;

  const answer = async (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ) => {
    const first = turn++;
    for (let offset = 0; offset < backends.length; offset++) {
      const backend = backends[(first + offset) % backends.length];
      const destination = backend?.readyAt();
      if (backend === undefined || destination === undefined) continue;

      const outcome = await forward(incoming, outgoing, destination, agent);
      if (outcome === "answered" || outgoing.destroyed) return;
      backend.suspend();
      if (outcome === "broken" && !isRepeatable(incoming))
        return refuse(outgoing, 502, "The server went away.");
    }
    refuse(outgoing, 503, "No server is ready.");
  };

  return {
    listener: (incoming, outgoing) => void answer(incoming, outgoing),
    close: () => agent.destroy(),
  };
}

function isRepeatable(incoming: IncomingMessage): boolean {
  return safeMethods.has(incoming.method) && !hasBody(incoming);
}

function refuse(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    "retry-after": "1",
  });
  outgoing.end(text);
}
