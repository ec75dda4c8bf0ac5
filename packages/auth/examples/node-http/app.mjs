// Sign in with Microsoft 365 in plain Node: no framework, no build step. Run it with the environment variables below.
import { once } from "node:events";
import { createServer } from "node:http";
import { createAuth } from "@entrada/auth";
import {
  createAuthHandler,
  createRequestAuthFactory,
  createErrorResponse,
  createRateLimiter,
} from "@entrada/auth/http";
import { createMsalClient } from "@entrada/auth/msal";
import { createMemoryStores } from "@entrada/auth/testing";

const {
  PORT = "3000",
  APP_URL = `http://localhost:${PORT}`,
  AUTH_SECRET = "",
  ENTRA_AUTHORITY = "https://login.microsoftonline.com",
  ENTRA_TENANT = "organizations",
  ENTRA_CLIENT_ID = "",
  ENTRA_CLIENT_SECRET = "",
} = process.env;

// They forget everything at restart; `@entrada/auth/drizzle/sqlite` has stores that do not.
const stores = createMemoryStores();
const auth = createAuth({
  appUrl: APP_URL,
  sameSite: "lax",
  identityClient: createMsalClient({
    authority: ENTRA_AUTHORITY,
    tenant: ENTRA_TENANT,
    clientId: ENTRA_CLIENT_ID,
    clientSecret: ENTRA_CLIENT_SECRET,
    redirectUri: `${APP_URL}/auth/callback`,
  }),
  stores,
  secrets: [Buffer.from(AUTH_SECRET, "base64")],
});
const handleAuth = createAuthHandler({
  auth,
  rateLimiter: createRateLimiter(stores, { perMinute: 100 }),
});
const createRequestAuth = createRequestAuthFactory({ auth });
setInterval(deleteExpired, 60_000).unref();

const server = createServer((incoming, outgoing) => {
  answer(incoming)
    .catch(createErrorResponse)
    .then((response) => send(response, incoming, outgoing))
    .catch(() => outgoing.destroy());
});
server.listen(Number(PORT), "localhost");
await once(server, "listening");
process.stdout.write(`Listening on ${APP_URL}\n`);
process.once("SIGTERM", () => {
  server.close();
  server.closeIdleConnections();
});

async function deleteExpired() {
  try {
    const { failures } = await auth.deleteExpired();
    for (const { kind } of failures)
      process.stderr.write(`Expired ${kind} cannot be deleted.\n`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
  }
}

async function answer(incoming) {
  const request = toRequest(incoming);
  const clientAddress = incoming.socket.remoteAddress;
  const signInAnswer = await handleAuth(request, { clientAddress });
  if (signInAnswer !== undefined) return signInAnswer;

  const headers = new Headers();
  const requestAuth = createRequestAuth({
    readHeader: (name) => request.headers.get(name),
    responseHeaders: headers,
    clientAddress,
  });
  const active = (await requestAuth.readSession()) ?? null;
  return Response.json(active, { headers });
}

function toRequest(incoming) {
  const { method, url, headers } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  // The path alone decides: `Host`, or an address in the request line, never does.
  const { pathname, search } = new URL(url, "http://any");
  return new Request(new URL(`${pathname}${search}`, APP_URL), {
    method,
    headers: new Headers(Object.entries(headers)),
    // Read chunk by chunk: the sign-in routes stop at 64 KB, and can still answer.
    ...(hasBody
      ? {
          body: ReadableStream.from(
            incoming.iterator({ destroyOnReturn: false }),
          ),
          duplex: "half",
        }
      : {}),
  });
}

async function send(response, incoming, outgoing) {
  outgoing.statusCode = response.status;
  outgoing.setHeaders(response.headers);
  // A body that nothing reads to its end would occupy the connection.
  if (!incoming.complete) outgoing.setHeader("connection", "close");
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
