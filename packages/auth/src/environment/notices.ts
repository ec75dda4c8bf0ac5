import { isAuthError } from "../core/error.js";
import { createIdentityProvider } from "../core/provider/create-identity-provider.js";
import type { ProxySettings } from "../core/provider/provider-request.js";
import {
  parseClientCertificate,
  parseClientKey,
} from "../msal/client-certificate.js";
import { describeError } from "./logger.js";
import type { Logger } from "./logger.js";
import type { CredentialSettings, Settings } from "./settings.js";

/**
 * Logs the settings that decide who may sign in, and problems that do not prevent the start: a certificate that is not
 * valid now, and a tenant that does not exist.
 */
export function logStart(logger: Logger, { options, client }: Settings): void {
  const { appUrl, allowedTenants } = options;
  if ("identityClient" in client) {
    logger.info({ appUrl, allowedTenants }, "auth.started");
    return;
  }
  const { authority, tenant } = client;
  const proxies = describeProxies(client.proxies);
  logger.info(
    { appUrl, authority, tenant, allowedTenants, proxies },
    "auth.started",
  );
  warnOfCertificate(logger, client.credential);
  void checkTenant(logger, client);
}

/** Logs that `X-Forwarded-For` of this address is ignored. */
export function warnOfUntrustedProxy(
  logger: Logger,
  peerAddress: string,
): void {
  logger.warn(
    {
      variable: "TRUSTED_PROXIES",
      peerAddress,
      remedy:
        "X-Forwarded-For of this address is ignored. If it is your proxy, add it to TRUSTED_PROXIES. Until then, all its visitors share one rate limit.",
    },
    "proxy.untrusted",
  );
}

/** Logs that sign-ins are not limited, because the host does not know the address of its clients. */
export function warnOfUnknownAddress(logger: Logger): void {
  logger.warn(
    {
      variable: "SIGN_IN_RATE_PER_MINUTE",
      remedy:
        "This host does not pass the client's address, so sign-ins are not limited by address. Pass `clientAddress` to the handler, or limit requests to /trpc and /auth in the proxy.",
    },
    "address.unknown",
  );
}

/** Describes the proxies for the log: hosts and ports without credentials. */
function describeProxies({
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

function readHost(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(url).host;
}

/** An expired certificate does not prevent the start, because existing sessions still work. */
function warnOfCertificate(
  logger: Logger,
  credential: CredentialSettings,
): void {
  if (!("clientCertificate" in credential)) return;
  const { certificate, privateKey } = credential.clientCertificate;
  const { validFrom, validTo } = parseClientCertificate(
    certificate,
    parseClientKey(privateKey),
  );
  const [now, first, last] = [
    new Date(),
    new Date(validFrom),
    new Date(validTo),
  ];
  if (first <= now && now <= last) return;
  logger.warn(
    {
      variable: "ENTRA_CLIENT_CERTIFICATE_FILE",
      validFrom: first.toISOString(),
      validTo: last.toISOString(),
    },
    now > last ? "certificate.expired" : "certificate.not_yet_valid",
  );
}

/**
 * Logs if the identity provider has no such tenant, or another cloud has it. An outage is not logged, because it may be
 * over before the first sign-in.
 */
async function checkTenant(
  logger: Logger,
  options: Parameters<typeof createIdentityProvider>[0],
): Promise<void> {
  try {
    await createIdentityProvider(options).readMetadata();
  } catch (error) {
    if (isAuthError(error) && error.code === "tenant_not_found")
      logger.error({ error: describeError(error) }, "tenant.not_found");
  }
}
