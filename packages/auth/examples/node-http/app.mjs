// Sign in with Microsoft 365 in plain Node: no framework, no build step. The variables are those of createAuthFromEnvironment.
import { createServer } from "node:http";
import { createAuthFromEnvironment } from "@entrada/auth/environment";
import { getSession, toNodeHandler } from "@entrada/auth/node";
import { createMemoryStores } from "@entrada/auth/testing";

const { PORT = "3000", APP_URL = `http://localhost:${PORT}` } = process.env;

const auth = createAuthFromEnvironment({
  appUrl: APP_URL,
  sameSite: "lax",
  // They forget everything at restart. Without this option, the database of DATABASE_URL is used.
  stores: createMemoryStores(),
});
await auth.ready();

const handler = toNodeHandler(auth, async (req, res) => {
  const active = await getSession(auth, req);
  res.setHeader("content-type", "application/json");
  res.setHeader("cache-control", "no-store");
  res.end(JSON.stringify(active ?? null));
});
const server = createServer(handler).listen(Number(PORT), "localhost", () =>
  process.stdout.write(`Listening on ${APP_URL}\n`),
);
process.once("SIGTERM", async () => {
  server.close();
  server.closeIdleConnections();
  await auth.close();
});
