import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";

/** An HTTP proxy on loopback that records its requests. */
export interface RecordingProxy {
  readonly port: number;
  /** The `host:port` of each CONNECT request, in order. */
  readonly targets: readonly string[];
  close(): Promise<void>;
}

/** The options of the proxy. */
export interface RecordingProxyOptions {
  /** The loopback port that every tunnel connects to, for any requested host. Without it, the response is 502. */
  readonly forwardTo?: number | undefined;
  /** `user:password`; requests with other or no credentials get 407. */
  readonly credentials?: string | undefined;
}

/** Starts the proxy on a free port. */
export async function startRecordingProxy({
  forwardTo,
  credentials,
}: RecordingProxyOptions): Promise<RecordingProxy> {
  const targets: string[] = [];
  const sockets = new Set<Duplex>();
  const expected =
    credentials === undefined
      ? undefined
      : `Basic ${Buffer.from(credentials).toString("base64")}`;
  const server = createServer((_, response) => {
    // A request without a tunnel.
    response.writeHead(501).end();
  });
  server.on("connection", (socket) => sockets.add(socket));
  server.on("connect", ({ url = "", headers }, socket) => {
    socket.on("error", () => undefined);
    targets.push(url);
    const isAuthorized = headers["proxy-authorization"] === expected;
    if (!isAuthorized) refuse(socket, "407 Proxy Authentication Required");
    else if (forwardTo === undefined) refuse(socket, "502 Bad Gateway");
    else sockets.add(forward(socket, forwardTo));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    targets,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`);
}

function forward(socket: Duplex, port: number): Duplex {
  const upstream = connect(port, "127.0.0.1", () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.pipe(upstream).pipe(socket);
  });
  upstream.on("error", () => socket.destroy());
  socket.on("close", () => upstream.destroy());
  return upstream;
}
