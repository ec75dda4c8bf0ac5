import { once } from "node:events";
import { createServer } from "node:net";

/** Starts the app on a free port and with a database of its own. */
export async function setup() {
  process.env.PORT = String(await findFreePort());
  process.env.APP_URL = `http://localhost:${process.env.PORT}`;
  process.env.DATABASE_URL = "file:./data/test.db";
  const [{ server }, { auth }] = await Promise.all([
    import("../app.js"),
    import("../auth.js"),
  ]);
  return async () => {
    server.close();
    server.closeAllConnections();
    await auth.close();
  };
}

async function findFreePort() {
  const probe = createServer().listen(0, "localhost");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}
