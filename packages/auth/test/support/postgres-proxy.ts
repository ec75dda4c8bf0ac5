import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** A proxy between a pool and its PostgreSQL server. */
export interface PostgresProxy {
  readonly url: string;
  /** Returns the number of responses that the server has completed, which is the number of round trips. */
  countRoundTrips(): number;
  /** Ends this many of the next connections at the moment when each is established. */
  breakNext(connections: number): void;
  /** Forwards nothing any more and closes no connection, as in a network failure. */
  freeze(): void;
  close(): Promise<void>;
}

const readyForQuery = Buffer.from("Z\0\0\0\x05I", "latin1");

/** Starts a proxy for the server of this database. */
export async function startPostgresProxy(
  databaseUrl: string,
): Promise<PostgresProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const visitors = new Set<Socket>();
  let left = 0;
  let roundTrips = 0;
  const proxy = createServer((visitor) => {
    const server = connect(Number(target.port), target.hostname);
    visitors.add(visitor);
    for (const socket of [visitor, server]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        visitors.delete(visitor);
        visitor.destroy();
        server.destroy();
      });
    }
    visitor.pipe(server);
    server.on("data", (chunk) => {
      const isReady = chunk
        .subarray(-readyForQuery.length)
        .equals(readyForQuery);
      if (isComplete(chunk)) roundTrips += 1;
      if (!isReady || left === 0) return void visitor.write(chunk);
      left -= 1;
      // One write, so that the client reads that the connection is ready and that it has ended at the same time.
      visitor.end(Buffer.concat([chunk, fatalError]));
    });
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as AddressInfo;
  return {
    url: Object.assign(new URL(target), { host: `127.0.0.1:${port}` }).href,
    countRoundTrips: () => roundTrips,
    breakNext: (connections) => {
      left = connections;
    },
    freeze: () => {
      for (const visitor of visitors) visitor.unpipe().pause();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, "close");
    },
  };
}

/** Returns whether a response ends here, in or outside a transaction. */
function isComplete(chunk: Buffer): boolean {
  return chunk
    .subarray(-readyForQuery.length, -1)
    .equals(readyForQuery.subarray(0, -1));
}

/** The error that a server sends when it shuts down. */
const fatalError = formatError({
  S: "FATAL",
  V: "FATAL",
  C: "57P01",
  M: "terminating connection due to administrator command",
});

/** @see {@link https://www.postgresql.org/docs/current/protocol-message-formats.html | ErrorResponse} */
function formatError(fields: Readonly<Record<string, string>>): Buffer {
  const text = Object.entries(fields).map(([key, value]) => `${key}${value}\0`);
  const body = Buffer.from(`${text.join("")}\0`);
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
