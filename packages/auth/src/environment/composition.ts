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
import type {
  ColumnValues,
  NoColumns,
  UserExtension,
} from "../core/stores/user-extension.js";
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
export interface EnvironmentOptions<Columns = NoColumns> extends GivenOptions<
  ColumnValues<Columns>
> {
  /** The app's own columns of a user, for the stores that are opened here. */
  readonly extendUser?: UserExtension<Columns> | undefined;
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
export interface Composition<Columns = NoColumns> {
  readonly auth: Auth<Columns>;
  readonly auditTrail: AuditTrail;
  readonly openings: Openings<Opened>;
  /** The key of the database in `openings`. */
  readonly key: string;
  open(): Promise<Opened>;
}

/** @throws {EnvironmentError} naming every variable that is missing or malformed. */
export function createComposition<Columns>({
  env = process.env,
  logger = console,
  extendUser,
  ...given
}: EnvironmentOptions<Columns>): Composition<ColumnValues<Columns>> {
  const settings = readSettings(env, given);
  const isOwn = "address" in settings.database;
  const openings: Openings<Opened> = isOwn ? findSharedOpenings() : new Map();
  const key = isOwn ? JSON.stringify(settings.database) : "stores";
  // Not part of the opening, which other copies of this module with other tables may share.
  const storesOf = createOnce(({ database }: Opened) =>
    database.createStores(extendUser),
  );
  let last:
    { readonly opening: Promise<Opened>; readonly opened: Opened } | undefined;
  const open = async () => {
    const opened = await openOnce(openings, key, async () => {
      const database = await findDatabase(settings.database, logger);
      logStart(logger, settings);
      const stopHousekeeping = startHousekeeping({ auth, database, logger });
      return { database, stopHousekeeping };
    });
    storesOf(opened);
    const opening = openings.get(key);
    last = opening && { opening, opened };
    return opened;
  };
  const stores = createLateStores<ColumnValues<Columns>>({
    open: async () => storesOf(await open().catch(hideReason)),
    // After a `close`, the next use opens the database again.
    current: () =>
      last !== undefined && last.opening === openings.get(key)
        ? storesOf(last.opened)
        : undefined,
    // Stores that are opened here are made for the client.
    bindClient: (clientId) => given.stores?.bindClient(clientId),
  });
  const auditTrail = createAuditTrail({
    auditStore: stores.auditStore,
    onFailure: (error, record) =>
      logger.error({ error: describeError(error), record }, "audit.failed"),
    now: given.now,
  });
  const onEvent = (event: AuthEvent) => {
    logEvent(logger, event);
    return given.onEvent?.(event);
  };
  const auth = composeAuth(settings, { stores, auditTrail, onEvent }, logger);
  return { auth, auditTrail, openings, key, open };
}

/** Opens the database, or wraps the given stores. */
async function findDatabase(
  database: Settings["database"],
  logger: Logger,
): Promise<OpenDatabase> {
  if ("address" in database) return openDatabase(database, logger);
  return {
    createStores: () => database.stores,
    check: doNothing,
    settle: doNothing,
    close: doNothing,
  };
}

/** Returns a function that creates the value of each key once. */
function createOnce<Key extends object, Value>(
  create: (key: Key) => Value,
): (key: Key) => Value {
  const created = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    const known = created.get(key) ?? { value: create(key) };
    created.set(key, known);
    return known.value;
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

function composeAuth<Columns>(
  { options, secrets, client, database }: Settings,
  {
    stores,
    auditTrail,
    onEvent,
  }: Pick<AuthOptions<Columns>, "stores" | "auditTrail" | "onEvent">,
  logger: Logger,
): Auth<Columns> {
  const address = "address" in database ? database.address : undefined;
  const auth = createAuth({
    ...options,
    stores,
    auditTrail,
    onEvent,
    identityClient:
      "identityClient" in client
        ? client.identityClient
        : createClient(client, options.appUrl),
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
  { authority, tenant, clientId, credential, proxies }: ClientSettings,
  appUrl: string,
): IdentityClient {
  return createMsalClient({
    authority,
    tenant,
    clientId,
    redirectUri: `${appUrl}${redirectPath}`,
    proxies,
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
