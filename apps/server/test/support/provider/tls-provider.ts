import { once } from "node:events";
import { createServer } from "node:https";
import { buffer } from "node:stream/consumers";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { createSelfSignedCertificate } from "../../../../../packages/auth/test/support/self-signed-certificate.js";

/** The emulator behind TLS, under a host name that does not resolve. */
export interface TlsProvider {
  readonly origin: string;
  /** The loopback port. */
  readonly port: number;
  /** For `NODE_EXTRA_CA_CERTS`. */
  readonly certificate: string;
  close(): Promise<void>;
}

/** Starts the TLS proxy for this host name. It replaces the emulator's origin in responses with its own. */
export async function startTlsProvider(
  emulator: EntraEmulator,
  host: string,
): Promise<TlsProvider> {
  const origin = `https://${host}`;
  const { certificate, privateKey } = createSelfSignedCertificate({
    dnsName: host,
  });
  const credentials = { cert: certificate, key: privateKey };
  const server = createServer(credentials, async (request, response) => {
    const { url = "/", method = "GET", headers } = request;
    const body = await buffer(request);
    const upstream = await fetch(`${emulator.origin}${url}`, {
      method,
      headers: { "content-type": headers["content-type"] ?? "text/plain" },
      ...(body.length === 0 ? {} : { body }),
    });
    const text = await upstream.text();
    response
      .writeHead(upstream.status, { "content-type": "application/json" })
      .end(text.replaceAll(emulator.origin, origin));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    origin,
    port: typeof address === "object" && address !== null ? address.port : 0,
    certificate,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
