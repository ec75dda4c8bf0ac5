import { createServer, type RequestListener, type Server } from "node:http";

const MAXIMUM_ATTEMPTS = 10;
const loopbackHosts = ["localhost", "127.0.0.1", "::1"];

/** A server on one loopback port; for `localhost` on its IPv4 and IPv6 address. */
export interface LoopbackServer {
  readonly port: number;
  /** Starts to serve requests; until then every response is 503. */
  serve(listener: RequestListener): void;
  close(): Promise<void>;
}

/**
 * Listens on a loopback host.
 *
 * @throws {TypeError} if the host is not a loopback name.
 * @throws {Error} `EADDRINUSE` if the port is taken.
 */
export async function listenOnLoopback(
  host: string,
  port: number,
): Promise<LoopbackServer> {
  if (!loopbackHosts.includes(host)) {
    throw new TypeError(
      `host must be one of ${loopbackHosts.join(", ")}: everybody who reaches the emulator can sign in as any person.`,
    );
  }
  let serve: RequestListener = answerUnavailable;
  const servers = await listenOnAll(host, port, (request, response) =>
    serve(request, response),
  );
  return {
    port: portOf(servers, port),
    serve: (listener) => {
      serve = listener;
    },
    close: async () => void (await Promise.all(servers.map(closeServer))),
  };
}

// "localhost" may resolve to either address. If a port is free on only one of them, another port is tried.
async function listenOnAll(
  host: string,
  port: number,
  listener: RequestListener,
): Promise<readonly Server[]> {
  if (host !== "localhost") return [await listen(port, host, listener)];
  for (let attempt = 1; ; attempt++) {
    const first = await listen(port, "127.0.0.1", listener);
    try {
      return [first, await listen(portOf([first], port), "::1", listener)];
    } catch (error) {
      if (!isTaken(error)) return [first];
      await closeServer(first);
      if (port !== 0 || attempt === MAXIMUM_ATTEMPTS) throw error;
    }
  }
}

function listen(
  port: number,
  address: string,
  listener: RequestListener,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(listener);
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

function answerUnavailable(...[, response]: Parameters<RequestListener>): void {
  response.writeHead(503).end();
}

function isTaken(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && error.code === "EADDRINUSE"
  );
}

function portOf([server]: readonly Server[], fallback: number): number {
  const bound = server?.address();
  return typeof bound === "object" && bound !== null ? bound.port : fallback;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
