import type { ProxySettings } from "@entrada/auth";
import { parseClientCertificate, parseClientKey } from "@entrada/auth/msal";
import type { ClientCredentialConfig } from "./config/config.js";
import type { Log } from "./log.js";

/** Describes the proxies on the way out for the log: hosts and ports, never credentials. */
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
 * Warns of a certificate that is not valid at present. It is no reason to refuse the start: people who are signed in stay
 * signed in, and what Entra does about it is Entra's to decide.
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

/** Warns that the visitors behind a proxy count as one, unless somebody made `X-Forwarded-For` up. */
export function warnOfUntrustedProxy(
  log: Pick<Log, "warn">,
  peerAddress: string,
): void {
  log.warn(
    {
      variable: "TRUSTED_PROXIES",
      peerAddress,
      remedy:
        "X-Forwarded-For of this address is ignored. If it is your proxy, add it to TRUSTED_PROXIES: until then all visitors behind it count as one.",
    },
    "proxy.untrusted",
  );
}

function readHost(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(url).host;
}
