import { readFile } from "node:fs/promises";
import { createAuditTrail } from "../core/administration/audit-trail.js";
import type { AuditTrail } from "../core/administration/audit-trail.js";
import type { Auth } from "../core/auth.js";
import { withListeners } from "../core/auth-parts.js";
import { createAuth } from "../core/create-auth.js";
import { AuthError, isAuthError } from "../core/error.js";
import type { AuthEvent } from "../core/event.js";
import type { AuthOptions } from "../core/options.js";
import type { IdentityClient } from "../core/provider/identity-client.js";
import { createProviderFetch } from "../core/provider/provider-fetch.js";
import type { ClientCredential } from "../msal/client-credential.js";
import { createMsalClient } from "../msal/msal-client.js";
import { openDatabase } from "./database/database.js";
import { startHousekeeping } from "./database/housekeeping.js";
import type { OpenDatabase } from "./database/open-database.js";
import { findSharedOpenings, openOnce } from "./database/shared-openings.js";
import type { Openings } from "./database/shared-openings.js";
import { readDevelopmentSecret } from "./development-secret.js";
import { createLateStores } from "./late.js";
import { describeError, logEvent } from "./logger.js";
import type { Logger } from "./logger.js";
import {
  logStart,
  warnOfUnknownAddress,
  warnOfUntrustedProxy,
} from "./notices.js";
import { logRequestFailure } from "./request-log.js";
import { readSettings } from "./settings.js";
import type {
  ClientSettings,
  CredentialSettings,
  GivenOptions,
  Settings,
} from "./settings.js";
import type { Environment } from "./variable-reader.js";

/** The options of `createAuth`, which take precedence over variables, the source of the variables, and the logger. */
export interface EnvironmentOptions extends GivenOptions {
  /** Defaults to `process.env`. */
  readonly env?: Environment | undefined;
  /** Defaults to `console`. */
  readonly logger?: Logger | undefined;
}

/** An open database, and its housekeeping. */
export interface Opened {
  readonly database: OpenDatabase;
  stopHousekeeping(): Promise<void>;
}

const redirectPath = "/auth/callback";

/** What the first use creates. */
export interface Composition {
  readonly auth: Auth;
  readonly auditTrail: AuditTrail;
  readonly openings: Openings<Opened>;
  /** The key of the database in `openings`. */
  readonly key: string;
  open(): Promise<Opened>;
}

/** @throws {EnvironmentError} naming every variable that is missing or malformed. */
export function createComposition({
  env = process.env,
  logger = console,
  ...given
}: EnvironmentOptions): Composition {
  const settings = readSettings(env, given);
  const send = createProviderFetch(env);
  const isOwn = "address" in settings.database;
  const openings: Openings<Opened> = isOwn ? findSharedOpenings() : new Map();
  const key = isOwn ? JSON.stringify(settings.database) : "stores";
  const open = () =>
    openOnce(openings, key, async () => {
      const database = await findDatabase(settings.database, logger);
      logStart(logger, settings, send);
      const stopHousekeeping = startHousekeeping({ auth, database, logger });
      return { database, stopHousekeeping };
    });
  const stores = createLateStores(
    async () => {
      const { database } = await open().catch(hideReason);
      return database.stores;
    },
    // Stores that are opened here are made for the client.
    (clientId) => given.stores?.bindClient(clientId),
  );
  const auditTrail = createAuditTrail({
    auditStore: stores.auditStore,
    onFailure: (error, record) =>
      logger.error({ error: describeError(error), record }, "audit.failed"),
    now: given.now,
  });
  const onEvent = (event: AuthEvent) => {
    auditTrail.record(event);
    logEvent(logger, event);
    return given.onEvent?.(event);
  };
  const auth = composeAuth(settings, { stores, send, onEvent }, logger);
  return { auth, auditTrail, openings, key, open };
}

/** Opens the database, or wraps the given stores. */
async function findDatabase(
  database: Settings["database"],
  logger: Logger,
): Promise<OpenDatabase> {
  if ("address" in database) return openDatabase(database, logger);
  return {
    stores: database.stores,
    check: doNothing,
    settle: doNothing,
    close: doNothing,
  };
}

async function doNothing(): Promise<void> {}

/** Requests receive `store_unavailable` if the database cannot be opened. `ready()` reports the reason. */
function hideReason(cause: unknown): never {
  if (isAuthError(cause)) throw cause;
  throw new AuthError("store_unavailable", "The database cannot be opened.", {
    cause,
  });
}

function composeAuth(
  { options, secrets, client, database }: Settings,
  parts: Pick<AuthOptions, "stores" | "onEvent"> & {
    readonly send: typeof fetch;
  },
  logger: Logger,
): Auth {
  const { send, stores, onEvent } = parts;
  const address = "address" in database ? database.address : undefined;
  const auth = createAuth({
    ...options,
    stores,
    onEvent,
    identityClient:
      "identityClient" in client
        ? client.identityClient
        : createClient(client, options.appUrl, send),
    secrets: secrets ?? [readDevelopmentSecret(address)],
  });
  return withListeners(auth, {
    onLimited: (action, address) =>
      logger.info({ code: "rate_limited", action, address }, "request.refused"),
    onUntrustedProxy: (peerAddress) =>
      warnOfUntrustedProxy(logger, peerAddress),
    onUnknownAddress: () => warnOfUnknownAddress(logger),
    onRequestFailure: (error, path) => logRequestFailure(logger, error, path),
  });
}

function createClient(
  { authority, tenant, clientId, credential }: ClientSettings,
  appUrl: string,
  send: typeof fetch,
): IdentityClient {
  return createMsalClient({
    authority,
    tenant,
    clientId,
    redirectUri: `${appUrl}${redirectPath}`,
    fetch: send,
    ...toCredential(credential),
  });
}

function toCredential(credential: CredentialSettings): ClientCredential {
  if (!("federatedTokenFile" in credential)) return credential;
  // Read at each exchange, because the platform replaces the token before it expires.
  return {
    clientAssertion: async () =>
      (await readFile(credential.federatedTokenFile, "utf8")).trim(),
  };
}
