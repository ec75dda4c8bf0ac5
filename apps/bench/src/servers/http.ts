import { createServer } from "node:http";
import type {
  IncomingMessage,
  OutgoingHttpHeaders,
  RequestListener,
  ServerResponse,
} from "node:http";
import { port } from "./environment.js";

/** Listens on localhost and exits on SIGTERM, so that a profile of the process is written. */
export function serve(listener: RequestListener): void {
  createServer(listener).listen(port, "localhost");
  process.once("SIGTERM", () => process.exit());
}

/** Sends a JSON response. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  const content = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(content),
    ...headers,
  });
  response.end(content);
}

/** Reads the body of a request as text. */
export function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.once("end", () => resolve(body));
    request.once("error", reject);
  });
}

/** Returns the value of a cookie, or an empty string. */
export function readCookie(request: IncomingMessage, name: string): string {
  const { cookie = "" } = request.headers;
  for (const part of cookie.split("; "))
    if (part.startsWith(`${name}=`)) return part.slice(name.length + 1);
  return "";
}
