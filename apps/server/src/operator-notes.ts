import type { ProxySettings } from "@entrada/auth";
import { parseClientCertificate, parseClientKey } from "@entrada/auth/msal";
import type { ClientCredentialConfig } from "./config/config.js";
import type { Log } from "./log.js";

/** Describes the outgoing proxies for the log: hosts and ports, never credentials. */
export function describeProxies({
  httpsProxy,
  httpProxy,
  noProxy,
}: ProxySettings): object | undefined {
  if (httpsProxy === undefined && httpProxy === undefined) return undefined;
  return {
    https: readHost(httpsProxy),
    http: readHost(httpProxy),
    except: noProxy,
  };
}

/**
 * Warns if the client certificate has expired or is not valid yet. The server still starts, because existing sessions
 * work and Entra decides whether to accept the certificate.
 */
export function warnOfCertificate(
  log: Pick<Log, "warn">,
  credential: ClientCredentialConfig,
  now = new Date(),
): void {
  if (!("clientCertificate" in credential)) return;
  const { certificate, privateKey } = credential.clientCertificate;
  const { validFrom, validTo } = parseClientCertificate(
    certificate,
    parseClientKey(privateKey),
  );
  const [first, last] = [new Date(validFrom), new Date(validTo)];
  if (first <= now && now <= last) return;
  log.warn(
    {
      variable: "ENTRA_CLIENT_CERTIFICATE_FILE",
      validFrom: first.toISOString(),
      validTo: last.toISOString(),
    },
    now > last ? "certificate.expired" : "certificate.not_yet_valid",
  );
}

/**
 * Warns of a peer that sends `X-Forwarded-For` and is no trusted proxy. The peer may also be a client that invented the
 * header.
 */
export function warnOfUntrustedProxy(
  log: Pick<Log, "warn">,
  peerAddress: string,
): void {
  log.warn(
    {
      variable: "TRUSTED_PROXIES",
      peerAddress,
      remedy:
        "X-Forwarded-For of this address is ignored. If it is your proxy, add it to TRUSTED_PROXIES: until then all visitors behind it share one rate limit.",
    },
    "proxy.untrusted",
  );
}

function readHost(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(url).host;
}
