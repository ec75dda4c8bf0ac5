import { isLoopbackHost } from "../core/provider/loopback-host.js";
import {
  proxyVariables,
  readProxySettings,
} from "../core/provider/provider-request.js";
import type { ProxySettings } from "../core/provider/provider-request.js";
import { aal2 } from "../core/session/session-timeouts.js";
import type { AuthOptions } from "../core/options.js";
import type { NoColumns } from "../core/stores/user-extension.js";
import {
  parseClientCertificate,
  parseClientKey,
} from "../msal/client-certificate.js";
import { defaultDatabase } from "./database/database-address.js";
import { parseDatabaseUrl } from "./database/database-url.js";
import type { DatabaseAddress } from "./database/database-url.js";
import { findNameMistakes } from "./variable-names.js";
import {
  EnvironmentError,
  createVariableReader,
  toMessage,
} from "./variable-reader.js";
import type { Environment, VariableReader } from "./variable-reader.js";
import {
  parseAppUrl,
  parseAuthority,
  parseBoolean,
  parseClientId,
  parseProxies,
  parseSecrets,
  parseTenant,
  parseTenantId,
  parseTenantIds,
  parseTokenFile,
  readCertificates,
  readPrivateKey,
  wholeNumber,
} from "./variable-values.js";

/** The credential with which the client authenticates at the identity provider. */
export type CredentialSettings =
  | { readonly clientSecret: string }
  | {
      readonly clientCertificate: {
        /** PEM texts. They may contain other blocks: the certificate that belongs to the key is used. */
        readonly certificate: string;
        readonly privateKey: string;
      };
    }
  | { readonly federatedTokenFile: string };

/** The client at the identity provider, and the proxies for its requests. */
export interface ClientSettings {
  readonly authority: string;
  readonly tenant: string;
  readonly clientId: string;
  readonly credential: CredentialSettings;
  readonly proxies: ProxySettings;
}

/** The database to open. */
export interface DatabaseSettings {
  readonly address: DatabaseAddress;
  /** The maximum number of connections of this process to PostgreSQL. */
  readonly poolSize: number;
  /** The client whose rows are read and written; rows of an earlier version become its rows. */
  readonly clientId: string;
  readonly tables: TableOptions;
}

/** Where the tables are in the database, and who changes them. */
export interface TableOptions {
  /** The beginning of every name. Defaults to `auth_`. */
  readonly prefix?: string | undefined;
  /** The schema of PostgreSQL. Defaults to the one that the connection's `search_path` names. */
  readonly schema?: string | undefined;
  /** With `false`, the app's own migrations own the tables, and opening only compares them. Defaults to true. */
  readonly migrate?: boolean | undefined;
}

/** The options of `createAuth`, but for the audit trail. Each takes precedence over its variables. */
export type GivenOptions<Columns = NoColumns> = {
  readonly [Name in Exclude<keyof AuthOptions, "auditTrail">]?:
    AuthOptions<Columns>[Name] | undefined;
} & TableOptions;

/** The options of `createAuth` from variables, and the settings from which the others are created. */
export interface Settings {
  readonly options: Omit<AuthOptions, "identityClient" | "stores" | "secrets">;
  /** `undefined` in development without `AUTH_SECRET`; a secret is then generated. */
  readonly secrets: readonly Uint8Array[] | undefined;
  /** The settings of the client to create, or the given option. */
  readonly client: ClientSettings | Pick<AuthOptions, "identityClient">;
  /** The database to open, or the given option. */
  readonly database: DatabaseSettings | Pick<AuthOptions, "stores">;
}

/** The emulator's registration. It does not exist at any other identity provider. */
export const developmentDefaults = {
  appUrl: "http://localhost:5173",
  authority: "http://localhost:5180",
  clientId: "5f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10",
  clientSecret: "entrada-development-secret",
  /** The emulator's first organisation. */
  operatorTenantId: "0c0a7050-1111-4c0a-8c0a-c0470500c0a0",
} as const;

const publicAuthority = "https://login.microsoftonline.com";
const seconds = wholeNumber(1, 31_536_000);

const clientVariables = [
  "ENTRA_AUTHORITY",
  "ENTRA_TENANT",
  "ENTRA_CLIENT_ID",
  "ENTRA_CLIENT_SECRET",
  "ENTRA_CLIENT_CERTIFICATE_FILE",
  "ENTRA_CLIENT_CERTIFICATE_KEY_FILE",
  "ENTRA_FEDERATED_TOKEN_FILE",
] as const;

/** Every variable that `createAuthFromEnvironment` reads. Those of proxies are also read in lower case. */
export const environmentVariables: readonly string[] = [
  "NODE_ENV",
  "APP_URL",
  "DATABASE_URL",
  "DATABASE_POOL_SIZE",
  "AUTH_SECRET",
  ...clientVariables,
  "ENTRA_ALLOWED_TENANTS",
  "ENTRA_OPERATOR_TENANT",
  "SESSION_IDLE_SECONDS",
  "SESSION_ABSOLUTE_SECONDS",
  "FLOW_SECONDS",
  "SIGN_IN_RATE_PER_MINUTE",
  "AUDIT_RETENTION_DAYS",
  "TRUSTED_PROXIES",
  "HSTS_INCLUDE_SUBDOMAINS",
  ...proxyVariables,
];

/**
 * Reads the variables of the options that are not given.
 *
 * @throws {EnvironmentError} naming each missing or malformed variable and its remedy.
 */
export function readSettings(
  environment: Environment,
  given: GivenOptions = {},
): Settings {
  const reader = createVariableReader(environment);
  const isProduction = environment["NODE_ENV"] === "production";
  const appUrl = given.appUrl ?? readAppUrl(reader, isProduction);
  const secrets = given.secrets ?? readSecrets(reader, isProduction);
  const client =
    given.identityClient === undefined
      ? readClient(reader, isProduction, appUrl)
      : { identityClient: given.identityClient };
  const settings = {
    options: readOptions(reader, given, client),
    secrets,
    client,
    database:
      given.stores === undefined
        ? readDatabase(reader, given, client)
        : { stores: given.stores },
  };
  reader.add(
    ...findNameMistakes(environment, listRead(given), environmentVariables),
  );
  if (reader.findings.length > 0 || appUrl === undefined)
    throw new EnvironmentError(reader.findings);
  return { ...settings, options: { ...settings.options, appUrl } };
}

function readAppUrl(
  reader: VariableReader,
  isProduction: boolean,
): string | undefined {
  if (!isProduction && !reader.has("APP_URL"))
    return developmentDefaults.appUrl;
  return reader.require(
    "APP_URL",
    parseAppUrl,
    "is missing: set it to the public origin of the app, such as https://app.example.com",
  );
}

function readSecrets(
  reader: VariableReader,
  isProduction: boolean,
): readonly Uint8Array[] | undefined {
  if (!isProduction) return reader.read("AUTH_SECRET", parseSecrets);
  return reader.require(
    "AUTH_SECRET",
    parseSecrets,
    "is missing: set it to 32 random bytes as base64, for instance by `openssl rand -base64 32`",
  );
}

function readDatabase(
  reader: VariableReader,
  { prefix, schema, migrate }: TableOptions,
  client: Settings["client"],
): DatabaseSettings {
  const { clientId } =
    "identityClient" in client ? client.identityClient : client;
  return {
    clientId,
    tables: { prefix, schema, migrate },
    address: reader.read("DATABASE_URL", parseDatabaseUrl) ?? defaultDatabase,
    poolSize: reader.read("DATABASE_POOL_SIZE", wholeNumber(1, 1000)) ?? 10,
  };
}

function readOptions(
  reader: VariableReader,
  given: GivenOptions,
  client: Settings["client"],
): Omit<Settings["options"], "appUrl"> {
  const { read } = reader;
  const isEmulatorsClient =
    "authority" in client && !reader.has("ENTRA_CLIENT_ID");
  return {
    ...given,
    allowedTenants:
      given.allowedTenants ?? read("ENTRA_ALLOWED_TENANTS", parseTenantIds),
    // The emulator's client belongs to the developer, who is also the operator.
    operatorTenantId:
      given.operatorTenantId ??
      read("ENTRA_OPERATOR_TENANT", parseTenantId) ??
      (isEmulatorsClient ? developmentDefaults.operatorTenantId : undefined),
    session: {
      ...given.session,
      idleTimeoutSeconds:
        given.session?.idleTimeoutSeconds ??
        read("SESSION_IDLE_SECONDS", seconds) ??
        aal2.idleTimeoutSeconds,
      absoluteTimeoutSeconds:
        given.session?.absoluteTimeoutSeconds ??
        read("SESSION_ABSOLUTE_SECONDS", seconds) ??
        aal2.absoluteTimeoutSeconds,
    },
    flow: {
      timeoutSeconds:
        given.flow?.timeoutSeconds ?? read("FLOW_SECONDS", seconds),
    },
    rateLimit: given.rateLimit ?? {
      perMinute:
        read("SIGN_IN_RATE_PER_MINUTE", wholeNumber(0, 1_000_000)) ?? 100,
    },
    trustedProxies:
      given.trustedProxies ?? read("TRUSTED_PROXIES", parseProxies),
    auditRetentionDays:
      given.auditRetentionDays ??
      read("AUDIT_RETENTION_DAYS", wholeNumber(30, 36_500)),
    hstsIncludeSubDomains:
      given.hstsIncludeSubDomains ??
      read("HSTS_INCLUDE_SUBDOMAINS", parseBoolean),
  };
}

function readClient(
  reader: VariableReader,
  isProduction: boolean,
  appUrl: string | undefined,
): ClientSettings {
  const { read } = reader;
  const isEmulator = !isProduction && isLoopbackAuthority(reader);
  requireSafeDefault(reader, isProduction, appUrl);
  if (!isEmulator && !reader.has("ENTRA_CLIENT_ID"))
    reader.add(
      "ENTRA_CLIENT_ID is missing: set it to the application (client) ID of your registration",
    );
  requireOneCredential(reader, isEmulator);
  return {
    authority:
      read("ENTRA_AUTHORITY", (text) => parseAuthority(text, isProduction)) ??
      (isProduction ? publicAuthority : developmentDefaults.authority),
    tenant: read("ENTRA_TENANT", parseTenant) ?? "organizations",
    clientId:
      read("ENTRA_CLIENT_ID", parseClientId) ?? developmentDefaults.clientId,
    credential: readCredential(reader),
    proxies: readProxies(reader),
  };
}

/** Returns whether the authority is unset or a loopback host. Only then is the emulator's registration the default. */
function isLoopbackAuthority({ environment, has }: VariableReader): boolean {
  const authority = environment["ENTRA_AUTHORITY"];
  return !has("ENTRA_AUTHORITY") || isOnLoopback(authority);
}

function isOnLoopback(url = ""): boolean {
  return URL.canParse(url) && isLoopbackHost(new URL(url).hostname);
}

function requireSafeDefault(
  reader: VariableReader,
  isProduction: boolean,
  appUrl: string | undefined,
): void {
  const isPublic = appUrl !== undefined && !isOnLoopback(appUrl);
  if (!isProduction && !reader.has("ENTRA_AUTHORITY") && isPublic)
    reader.add(
      "ENTRA_AUTHORITY is missing: APP_URL is not on this machine, and the emulator serves this machine only; set NODE_ENV=production, or name the authority",
    );
}

function requireOneCredential(
  reader: VariableReader,
  isEmulator: boolean,
): void {
  const hasCertificate = reader.has("ENTRA_CLIENT_CERTIFICATE_FILE");
  const hasCertificateKey = reader.has("ENTRA_CLIENT_CERTIFICATE_KEY_FILE");
  const credentials = [
    reader.has("ENTRA_CLIENT_SECRET"),
    hasCertificate || hasCertificateKey,
    reader.has("ENTRA_FEDERATED_TOKEN_FILE"),
  ].filter(Boolean).length;
  if (!isEmulator && credentials === 0)
    reader.add(
      "ENTRA_CLIENT_SECRET is missing: set it to the value (not the ID) of a client secret, or use a certificate or a federated token",
    );
  if (credentials > 1)
    reader.add(
      "ENTRA_CLIENT_SECRET, ENTRA_CLIENT_CERTIFICATE_FILE and ENTRA_FEDERATED_TOKEN_FILE exclude each other: set one",
    );
  if (hasCertificate !== hasCertificateKey)
    reader.add(
      "ENTRA_CLIENT_CERTIFICATE_FILE and ENTRA_CLIENT_CERTIFICATE_KEY_FILE go together: set both, or neither",
    );
}

function readCredential({ read, add }: VariableReader): CredentialSettings {
  const clientSecret = read("ENTRA_CLIENT_SECRET", (text) => text.trim());
  const certificate = read("ENTRA_CLIENT_CERTIFICATE_FILE", readCertificates);
  const privateKey = read("ENTRA_CLIENT_CERTIFICATE_KEY_FILE", readPrivateKey);
  const federatedTokenFile = read("ENTRA_FEDERATED_TOKEN_FILE", parseTokenFile);
  if (federatedTokenFile !== undefined) return { federatedTokenFile };
  if (certificate === undefined || privateKey === undefined)
    return { clientSecret: clientSecret ?? developmentDefaults.clientSecret };
  try {
    parseClientCertificate(certificate, parseClientKey(privateKey));
  } catch (error) {
    add(`ENTRA_CLIENT_CERTIFICATE_FILE names a file that ${toMessage(error)}`);
  }
  return { clientCertificate: { certificate, privateKey } };
}

function readProxies({ environment, add }: VariableReader): ProxySettings {
  try {
    return readProxySettings(environment);
  } catch (error) {
    add(toMessage(error));
    return readProxySettings({});
  }
}

/** Returns the variables that restrict who may sign in and whose option is not given. */
function listRead(given: GivenOptions): readonly string[] {
  return [
    ...(given.identityClient === undefined ? ["ENTRA_TENANT"] : []),
    ...(given.allowedTenants === undefined ? ["ENTRA_ALLOWED_TENANTS"] : []),
  ];
}
