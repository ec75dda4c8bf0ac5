import { once } from "node:events";
import { createServer, request as sendRequest } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { buffer as readBytes } from "node:stream/consumers";

/** A caching proxy in front of a server. It keys by address alone and stores every answer that does not forbid it. */
export interface SharedCache {
  readonly origin: string;
  /** Says where the server is. */
  readonly serve: (target: string) => void;
  /** The addresses whose answers it stores. */
  readonly storedPaths: () => readonly string[];
  /** How many requests it has answered by itself. */
  readonly countHits: () => number;
  readonly stop: () => Promise<void>;
}

interface StoredAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

// RFC 9111 §3: what a shared cache must not store. It heeds nothing else, as the worst of its kind: no `Vary`, no cookies.
const forbidden = /\b(?:no-store|private)\b/i;

/** Starts the cache on a free port. */
export async function startSharedCache(): Promise<SharedCache> {
  const stored = new Map<string, StoredAnswer>();
  let target = "";
  let hits = 0;
  const answer = async (incoming: IncomingMessage): Promise<StoredAnswer> => {
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
    answer(incoming)
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
): Promise<StoredAnswer> {
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
  if (response === undefined) throw new Error("The server did not answer.");
  const { "transfer-encoding": _, ...kept } = response.headers;
  return {
    status: response.statusCode ?? 0,
    headers: kept,
    body: await readBytes(response),
  };
}
