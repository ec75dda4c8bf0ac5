import { createServer, request as sendRequest } from "node:http";
import type { IncomingMessage, RequestListener, Server } from "node:http";
import { buffer } from "node:stream/consumers";
import type { AddressInfo } from "node:net";

/** A request, sent as it is. */
export interface RawRequest {
  readonly method?: string | undefined;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array | undefined;
}

/** A response without its date. */
export interface RawResponse {
  readonly status: number;
  /** Sorted by name, with lower-case names. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** A server of `node:http` on a free port. */
export interface TestServer {
  readonly origin: string;
  readonly send: (request: RawRequest) => Promise<RawResponse>;
  /** Sends a request and returns its response while it is being received. */
  readonly open: (request: RawRequest) => Promise<IncomingMessage>;
  readonly server: Server;
  readonly close: () => Promise<void>;
}

/** Listens on a free port. */
export async function listen(listener: RequestListener): Promise<TestServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "localhost", resolve);
  });
  const origin = `http://localhost:${readPort(server.address())}`;
  const open = (request: RawRequest) => openRequest(origin, request);
  return {
    origin,
    server,
    open,
    send: async (request) => toResponse(await open(request)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function readPort(address: AddressInfo | string | null): number {
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

function openRequest(
  origin: string,
  { method = "GET", path, headers = {}, body }: RawRequest,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = sendRequest(
      origin,
      { method, path, headers: { ...headers }, agent: false },
      resolve,
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

async function toResponse(incoming: IncomingMessage): Promise<RawResponse> {
  const body = await buffer(incoming);
  const { rawHeaders, statusCode = 0 } = incoming;
  const headers = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 && name.toLowerCase() !== "date"
      ? [[name.toLowerCase(), rawHeaders[index + 1] ?? ""] as const]
      : [],
  );
  return {
    status: statusCode,
    headers: headers.toSorted((one, other) =>
      one.join().localeCompare(other.join()),
    ),
    body: body.toString("latin1"),
  };
}
