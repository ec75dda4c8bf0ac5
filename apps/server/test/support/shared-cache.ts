import { once } from "node:events";
import { createServer, request as sendRequest } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { buffer as readBytes } from "node:stream/consumers";

/** A caching proxy in front of a server. Its key is the URL only, and it stores every response that permits it. */
export interface SharedCache {
  readonly origin: string;
  /** Sets the origin of the server. */
  readonly serve: (target: string) => void;
  /** Returns the URLs of the stored responses. */
  readonly storedPaths: () => readonly string[];
  /** Returns the number of requests that were served from the cache. */
  readonly countHits: () => number;
  readonly stop: () => Promise<void>;
}

interface StoredResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

// RFC 9111 §3: what a shared cache must not store. To be as permissive as possible, it ignores `Vary` and cookies.
const forbidden = /\b(?:no-store|private)\b/i;

/** Starts the cache on a free port. */
export async function startSharedCache(): Promise<SharedCache> {
  const stored = new Map<string, StoredResponse>();
  let target = "";
  let hits = 0;
  const respond = async (
    incoming: IncomingMessage,
  ): Promise<StoredResponse> => {
    const { method, url = "/" } = incoming;
    const known = method === "GET" ? stored.get(url) : undefined;
    if (known !== undefined) {
      hits += 1;
      return known;
    }
    const fetched = await forward(target, incoming);
    const control = fetched.headers["cache-control"] ?? "";
    if (method === "GET" && !forbidden.test(control)) stored.set(url, fetched);
    return fetched;
  };
  const server = createServer((incoming, outgoing) => {
    respond(incoming)
      .then(({ status, headers, body }) =>
        outgoing
          .writeHead(status, { ...headers, "content-length": body.length })
          .end(body),
      )
      .catch(() => outgoing.destroy());
  }).listen(0, "localhost");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return {
    origin: `http://localhost:${port}`,
    serve: (origin) => {
      target = origin;
    },
    storedPaths: () => [...stored.keys()],
    countHits: () => hits,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function forward(
  target: string,
  incoming: IncomingMessage,
): Promise<StoredResponse> {
  const { method, url = "/", headers } = incoming;
  const body = await readBytes(incoming);
  const outgoing = sendRequest(new URL(target), {
    method,
    path: url,
    headers: { ...headers, "accept-encoding": "identity" },
    agent: false,
  });
  outgoing.end(body);
  const [response]: IncomingMessage[] = await once(outgoing, "response");
  if (response === undefined) throw new Error("The server sent no response.");
  const { "transfer-encoding": _, ...kept } = response.headers;
  return {
    status: response.statusCode ?? 0,
    headers: kept,
    body: await readBytes(response),
  };
}
