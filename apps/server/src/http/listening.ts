import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { EnvironmentError } from "@entrada/auth/environment";
import type { Config } from "../config/config.js";
import type { Log } from "../log.js";

const requestMilliseconds = 30_000;
// Longer than proxies keep idle connections (Caddy: two minutes). Otherwise a proxy could send a request on a
// connection that is being closed here, and return an error to the visitor.
const keepAliveMilliseconds = 185_000;

/**
 * Listens at the configured address.
 *
 * @throws {EnvironmentError} naming `PORT` or `HOST` if it cannot listen there.
 */
export async function listen(
  listener: RequestListener,
  { port, host }: Config,
): Promise<Server> {
  const server = createServer(
    {
      requestTimeout: requestMilliseconds,
      keepAliveTimeout: keepAliveMilliseconds,
    },
    listener,
  );
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(toListenError(error, { port, host })),
    );
    server.listen(port, host, () => resolve(server));
  });
}

function toListenError(
  error: NodeJS.ErrnoException,
  { port, host }: Pick<Config, "port" | "host">,
): Error {
  const place = `cannot listen on ${host}:${port} (${error.code ?? error.name})`;
  const isPortsFault = error.code === "EADDRINUSE" || error.code === "EACCES";
  return new EnvironmentError([
    isPortsFault
      ? `PORT: ${place}: set it to a port that is free and that this user may listen on`
      : `HOST: ${place}: set it to a name or an address of this machine, such as localhost or 0.0.0.0`,
  ]);
}

/** Warns that the page would load here, and that its requests would be refused as those of another site. */
export function warnOfOtherAddress(
  log: Log,
  server: Server,
  appUrl: string,
): void {
  const address = server.address();
  const { protocol, port } = new URL(appUrl);
  if (protocol !== "http:" || !isAddressInfo(address)) return;
  if (String(address.port) !== port) {
    log.warn(
      { appUrl, port: address.port },
      "APP_URL is on another port: open that address, or set APP_URL to this one",
    );
  }
}

/** Returns the URL on which the server listens. */
export function formatAddress(server: Server, { host }: Config): string {
  const address = server.address();
  const port = isAddressInfo(address) ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function isAddressInfo(
  address: AddressInfo | string | null,
): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
