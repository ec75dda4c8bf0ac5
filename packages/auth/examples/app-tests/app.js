// A small app: a start page, and a page for administrators.
import { once } from "node:events";
import { createServer } from "node:http";
import {
  createAuthHandler,
  createErrorResponse,
  createRequestAuthFactory,
} from "@entrada/auth/http";
import { auth } from "./auth.js";

await auth.ready();
const handleAuth = createAuthHandler({ auth });
const createRequestAuth = createRequestAuthFactory({ auth });

export const server = createServer((incoming, outgoing) => {
  respond(toRequest(incoming), incoming.socket.remoteAddress)
    .catch(createErrorResponse)
    .then((response) => send(response, outgoing))
    .catch(() => outgoing.destroy());
}).listen(Number(process.env.PORT), "localhost");
await once(server, "listening");

async function respond(request, clientAddress) {
  const fromAuth = await handleAuth(request, { clientAddress });
  if (fromAuth !== undefined) return fromAuth;

  const responseHeaders = new Headers();
  const requestAuth = createRequestAuth({
    readHeader: (name) => request.headers.get(name),
    responseHeaders,
    clientAddress,
  });
  const { pathname } = new URL(request.url);
  if (pathname === "/") return new Response("Welcome");
  if (pathname !== "/admin") return new Response("Not found", { status: 404 });
  return respondToAdministrator(requestAuth, responseHeaders);
}

async function respondToAdministrator(requestAuth, headers) {
  const active = await requestAuth.readSession();
  if (active === undefined) {
    headers.set("location", `${auth.appUrl}/auth/login?returnUrl=/admin`);
    return new Response(null, { status: 303, headers });
  }
  return active.user.roles.includes("Admin")
    ? new Response(`Reports for ${active.user.name}`, { headers })
    : new Response("For administrators only", { status: 403, headers });
}

function toRequest({ method, url, headers }) {
  return new Request(new URL(url, auth.appUrl), { method, headers });
}

async function send(response, outgoing) {
  outgoing.statusCode = response.status;
  outgoing.setHeaders(response.headers);
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
