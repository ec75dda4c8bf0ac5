import type { IncomingMessage, ServerResponse } from "node:http";
import { createHeaderReader } from "../http/node-headers.js";
import { formatParsedForm, readTarget } from "./host-request.js";
import type { HostRequest } from "./host-request.js";

/** Reads a request of Node. Express and Connect keep the whole address in `originalUrl` where they are mounted. */
export function readNodeRequest(incoming: IncomingMessage): HostRequest {
  const { method = "GET", socket } = incoming;
  const target = readTarget(readOriginalUrl(incoming));
  return {
    method,
    target,
    routedTarget: target,
    readHeader: createHeaderReader(incoming),
    peerAddress: socket.remoteAddress,
    createRequest: (url) => createRequest(incoming, method, url),
    readParsedBody: () => Reflect.get(incoming, "body"),
  };
}

/** Sends a response. Headers that others have set, their cookies included, are kept unless the response replaces them. */
export async function sendResponse(
  response: Response,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name === "set-cookie") outgoing.appendHeader(name, value);
    else outgoing.setHeader(name, value);
  }
  if (leavesBody(incoming)) outgoing.setHeader("connection", "close");
  outgoing.end(body);
}

/** Adds the headers to those that others have set. */
export function addHeaders(
  outgoing: ServerResponse,
  headers: Readonly<Record<string, string>>,
): void {
  for (const [name, value] of Object.entries(headers))
    outgoing.appendHeader(name, value);
}

/** Returns whether nothing has read the body to its end: it would occupy the connection. HTTP/2 has streams instead. */
export function leavesBody({
  complete,
  httpVersionMajor,
}: IncomingMessage): boolean {
  return !complete && httpVersionMajor === 1;
}

function readOriginalUrl(incoming: IncomingMessage): string | undefined {
  const original: unknown = Reflect.get(incoming, "originalUrl");
  return typeof original === "string" ? original : incoming.url;
}

function formatHeader(
  value: string | readonly string[] | undefined,
): string | undefined {
  return typeof value === "string" ? value : value?.join(", ");
}

async function createRequest(
  incoming: IncomingMessage,
  method: string,
  url: string,
): Promise<Request> {
  const headers = Object.entries(incoming.headers).flatMap(
    ([name, value]): [string, string][] => {
      const text = formatHeader(value);
      // HTTP/2 has pseudo-headers, which begin with a colon.
      return text === undefined || name.startsWith(":") ? [] : [[name, text]];
    },
  );
  if (method === "GET" || method === "HEAD")
    return new Request(url, { method, headers });
  if (!incoming.readableDidRead && !incoming.readableEnded) {
    const init = {
      method,
      headers,
      body: streamBody(incoming),
      duplex: "half",
    };
    return new Request(url, init);
  }
  const form = formatParsedForm(Reflect.get(incoming, "body"));
  const request = new Request(url, { method, headers, body: form ?? "" });
  // The routes that need the body refuse a request whose body was read.
  if (form === undefined) await request.text();
  return request;
}

/** The body is read in chunks: the sign-in routes stop at 64 KB, and can still respond. */
function streamBody(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = incoming.iterator({ destroyOnReturn: false });
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}
