import { existsSync } from "node:fs";
import {
  isLoopbackHost,
  proxyVariables,
  readProxySettings,
} from "@entrada/auth";
import type { ProxySettings } from "@entrada/auth";
import { parseClientCertificate, parseClientKey } from "@entrada/auth/msal";
import * as z from "zod/mini";
import { _default as withDefault } from "zod/mini";
import { findNameMistakes } from "./config-names.js";
import {
  parseAppUrl,
  parseAuthority,
  parseBoolean,
  parseClientId,
  parseLogLevel,
  parseProxies,
  parseSecrets,
  parseTenant,
  parseTenantId,
  parseTenantIds,
  parseTokenFile,
  publicAuthority,
  readCertificates,
  readPrivateKey,
  variable,
  wholeNumber,
} from "./config-values.js";
import { parseDatabaseUrl } from "./database-url.js";
import type { DatabaseConfig } from "./database-url.js";

/** How our client proves itself at the identity provider; exactly one way. */
export type ClientCredentialConfig =
  | { readonly clientSecret: string }
  | {
      readonly clientCertificate: {
        /** PEM texts, perhaps with other blocks: the client takes the certificate that belongs to the key. */
        readonly certificate: string;
        readonly privateKey: string;
      };
    }
  | { readonly federatedTokenFile: string };

/** Everything the server takes from its environment, parsed once. */
export interface Config {
  readonly port: number;
  readonly host: string;
  readonly appUrl: string;
  readonly database: DatabaseConfig;
  /** How many connections this process holds to PostgreSQL at most. */
  readonly databasePoolSize: number;
  /** `undefined` in development without `AUTH_SECRET`: one is then generated beside the database. */
  readonly authSecrets: readonly Uint8Array[] | undefined;
  readonly authority: string;
  readonly tenant: string;
  readonly allowedTenants: readonly string[] | undefined;
  /** Whose administrators also read what no user can be named for. */
  readonly operatorTenantId: string | undefined;
  readonly clientId: string;
  readonly credential: ClientCredentialConfig;
  readonly idleTimeoutSeconds: number;
  readonly absoluteTimeoutSeconds: number;
  readonly flowTimeoutSeconds: number;
  readonly signInsPerMinute: number;
  /** How long the audit trail keeps an entry; without it, for ever. */
  readonly auditRetentionDays: number | undefined;
  readonly trustedProxies: readonly string[];
  /** The way out to the identity provider. */
  readonly proxies: ProxySettings;
  /** Whether HSTS covers the subdomains of the app's host as well. */
  readonly hstsIncludeSubDomains: boolean;
  /** How long to go on serving after SIGTERM, until a balancer has noticed. */
  readonly stopDelaySeconds: number;
  readonly logLevel: string;
}

/** A variable that the server cannot start with. Each finding names the variable and the remedy. */
export class ConfigError extends Error {
  readonly findings: readonly string[];

  constructor(findings: readonly string[]) {
    super(
      [
        "The server cannot start with this environment:",
        ...findings.map((finding) => `  - ${finding}`),
      ].join("\n"),
    );
    this.name = "ConfigError";
    this.findings = findings;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The registration that the emulator knows; worthless anywhere else. */
export const developmentDefaults = {
  appUrl: "http://localhost:5173",
  authority: "http://localhost:5180",
  clientId: "5f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10",
  clientSecret: "entrada-development-secret",
  /** The emulator's first organisation. */
  operatorTenantId: "0c0a7050-1111-4c0a-8c0a-c0470500c0a0",
} as const;

/**
 * Parses the environment.
 *
 * @throws {ConfigError} naming every variable that is missing or malformed, with the remedy.
 */
export function parseConfig(environment: Environment): Config {
  const isProduction = environment["NODE_ENV"] === "production";
  const present = withoutBlank(environment);
  const schema = createSchema(isProduction);
  const result = schema.safeParse(present);
  const findings = [
    ...findNameMistakes(environment, Object.keys(schema.shape)),
    ...(result.error?.issues.map(formatIssue) ?? []),
    ...findClientMistakes(present, isProduction),
    ...findCertificateMistakes(result.data),
    ...findMistake(() => readProxySettings(environment)),
  ];
  if (!result.success || findings.length > 0) throw new ConfigError(findings);

  const values = result.data;
  return {
    port: values.PORT,
    host: values.HOST,
    appUrl: values.APP_URL,
    database: values.DATABASE_URL,
    databasePoolSize: values.DATABASE_POOL_SIZE,
    authSecrets: values.AUTH_SECRET,
    authority: values.ENTRA_AUTHORITY,
    tenant: values.ENTRA_TENANT,
    allowedTenants: values.ENTRA_ALLOWED_TENANTS,
    operatorTenantId: readOperatorTenant(values),
    clientId: values.ENTRA_CLIENT_ID ?? developmentDefaults.clientId,
    credential: readCredential(values),
    idleTimeoutSeconds: values.SESSION_IDLE_SECONDS,
    absoluteTimeoutSeconds: values.SESSION_ABSOLUTE_SECONDS,
    flowTimeoutSeconds: values.FLOW_SECONDS,
    signInsPerMinute: values.SIGN_IN_RATE_PER_MINUTE,
    auditRetentionDays: values.AUDIT_RETENTION_DAYS,
    trustedProxies: values.TRUSTED_PROXIES,
    proxies: readProxySettings(environment),
    hstsIncludeSubDomains: values.HSTS_INCLUDE_SUBDOMAINS,
    stopDelaySeconds: values.STOP_DELAY_SECONDS,
    logLevel: values.LOG_LEVEL,
  };
}

/** Lists every variable that the server reads. Those of proxies are read in lower case as well. */
export function listVariables(): readonly string[] {
  return [
    "NODE_ENV",
    ...Object.keys(createSchema(false).shape),
    ...proxyVariables,
  ];
}

/**
 * Parses where the data rests, for a command that needs nothing else.
 *
 * @throws {ConfigError} naming `DATABASE_URL` if it is malformed.
 */
export function parseDatabase(environment: Environment): DatabaseConfig {
  const schema = z.object({ DATABASE_URL: databaseUrl });
  const result = schema.safeParse(withoutBlank(environment));
  if (!result.success)
    throw new ConfigError(result.error.issues.map(formatIssue));
  return result.data.DATABASE_URL;
}

/** Reads the environment of this process, and `.env` in the working directory where there is one. */
export function readEnvironment(): Environment {
  if (existsSync(environmentFile)) {
    try {
      process.loadEnvFile(environmentFile);
    } catch {
      throw new ConfigError([`${environmentFile} is there and cannot be read`]);
    }
  }
  return process.env;
}

const environmentFile = ".env";
const defaultDatabase: DatabaseConfig = {
  engine: "sqlite",
  path: "./data/entrada.db",
};
const databaseUrl = withDefault(variable(parseDatabaseUrl), defaultDatabase);
const seconds = wholeNumber(1, 31_536_000);

type Values = z.infer<ReturnType<typeof createSchema>>;

function createSchema(isProduction: boolean) {
  return z.object({
    PORT: withDefault(wholeNumber(0, 65_535), 3000),
    HOST: withDefault(z.string(), "localhost"),
    APP_URL: isProduction
      ? variable(
          parseAppUrl,
          "is missing: set it to the public origin of the app, such as https://app.example.com",
        )
      : withDefault(variable(parseAppUrl), developmentDefaults.appUrl),
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_SIZE: withDefault(wholeNumber(1, 1000), 10),
    AUTH_SECRET: isProduction
      ? variable(
          parseSecrets,
          "is missing: set it to 32 random bytes as base64, for instance by `openssl rand -base64 32`",
        )
      : z.optional(variable(parseSecrets)),
    ENTRA_AUTHORITY: withDefault(
      variable((text) => parseAuthority(text, isProduction)),
      isProduction ? publicAuthority : developmentDefaults.authority,
    ),
    ENTRA_TENANT: withDefault(variable(parseTenant), "organizations"),
    ENTRA_ALLOWED_TENANTS: z.optional(variable(parseTenantIds)),
    ENTRA_OPERATOR_TENANT: z.optional(variable(parseTenantId)),
    ENTRA_CLIENT_ID: z.optional(variable(parseClientId)),
    ENTRA_CLIENT_SECRET: z.optional(variable((text) => text.trim())),
    ENTRA_CLIENT_CERTIFICATE_FILE: z.optional(variable(readCertificates)),
    ENTRA_CLIENT_CERTIFICATE_KEY_FILE: z.optional(variable(readPrivateKey)),
    ENTRA_FEDERATED_TOKEN_FILE: z.optional(variable(parseTokenFile)),
    SESSION_IDLE_SECONDS: withDefault(seconds, 3600),
    SESSION_ABSOLUTE_SECONDS: withDefault(seconds, 86_400),
    FLOW_SECONDS: withDefault(seconds, 600),
    SIGN_IN_RATE_PER_MINUTE: withDefault(wholeNumber(0, 1_000_000), 100),
    AUDIT_RETENTION_DAYS: z.optional(wholeNumber(30, 36_500)),
    TRUSTED_PROXIES: withDefault(variable(parseProxies), []),
    HSTS_INCLUDE_SUBDOMAINS: withDefault(variable(parseBoolean), true),
    STOP_DELAY_SECONDS: withDefault(wholeNumber(0, 300), 0),
    LOG_LEVEL: withDefault(variable(parseLogLevel), "info"),
  });
}

/** Finds what is wrong with variables that depend on one another: who we are at the identity provider, and our proof. */
function findClientMistakes(
  environment: Environment,
  isProduction: boolean,
): readonly string[] {
  const has = (name: string) => environment[name] !== undefined;
  const isEmulator =
    !isProduction && !isHttps(environment["ENTRA_AUTHORITY"] ?? "");
  const hasCertificate = has("ENTRA_CLIENT_CERTIFICATE_FILE");
  const hasCertificateKey = has("ENTRA_CLIENT_CERTIFICATE_KEY_FILE");
  const credentials = [
    has("ENTRA_CLIENT_SECRET"),
    hasCertificate || hasCertificateKey,
    has("ENTRA_FEDERATED_TOKEN_FILE"),
  ].filter(Boolean).length;
  const mistakes: string[] = [];
  if (!isProduction && !has("ENTRA_AUTHORITY") && isPublic(environment))
    mistakes.push(
      "ENTRA_AUTHORITY is missing: APP_URL is not of this machine, and the development provider is for this machine alone; set NODE_ENV=production, or name the authority",
    );
  if (!isEmulator && !has("ENTRA_CLIENT_ID"))
    mistakes.push(
      "ENTRA_CLIENT_ID is missing: set it to the application (client) ID of your registration",
    );
  if (!isEmulator && credentials === 0)
    mistakes.push(
      "ENTRA_CLIENT_SECRET is missing: set it to the value (not the ID) of a client secret, or use a certificate or a federated token",
    );
  if (credentials > 1)
    mistakes.push(
      "ENTRA_CLIENT_SECRET, ENTRA_CLIENT_CERTIFICATE_FILE and ENTRA_FEDERATED_TOKEN_FILE exclude each other: set one",
    );
  if (hasCertificate !== hasCertificateKey)
    mistakes.push(
      "ENTRA_CLIENT_CERTIFICATE_FILE and ENTRA_CLIENT_CERTIFICATE_KEY_FILE go together: set both, or neither",
    );
  return mistakes;
}

/** Finds a certificate that is not the key's: each is right in itself. */
function findCertificateMistakes({
  ENTRA_CLIENT_CERTIFICATE_FILE: certificate,
  ENTRA_CLIENT_CERTIFICATE_KEY_FILE: privateKey,
}: Partial<Values> = {}): readonly string[] {
  if (certificate === undefined || privateKey === undefined) return [];
  return findMistake(
    () => parseClientCertificate(certificate, parseClientKey(privateKey)),
    "ENTRA_CLIENT_CERTIFICATE_FILE names a file that ",
  );
}

function findMistake(read: () => unknown, subject = ""): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    return [`${subject}${error instanceof Error ? error.message : ""}`];
  }
}

/** However the scheme is spelled: a real provider never gets to see the development registration. */
function isHttps(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === "https:";
}

function isPublic({ APP_URL: appUrl }: Environment): boolean {
  return (
    appUrl !== undefined &&
    URL.canParse(appUrl) &&
    !isLoopbackHost(new URL(appUrl).hostname)
  );
}

function readCredential({
  ENTRA_CLIENT_SECRET: clientSecret,
  ENTRA_CLIENT_CERTIFICATE_FILE: certificate,
  ENTRA_CLIENT_CERTIFICATE_KEY_FILE: privateKey,
  ENTRA_FEDERATED_TOKEN_FILE: federatedTokenFile,
}: Values): ClientCredentialConfig {
  if (federatedTokenFile !== undefined) return { federatedTokenFile };
  if (certificate !== undefined && privateKey !== undefined)
    return { clientCertificate: { certificate, privateKey } };
  return { clientSecret: clientSecret ?? developmentDefaults.clientSecret };
}

/** The development provider's client is nobody's but the developer's, who is then the operator as well. */
function readOperatorTenant({
  ENTRA_OPERATOR_TENANT: operatorTenantId,
  ENTRA_CLIENT_ID: clientId,
}: Values): string | undefined {
  const { operatorTenantId: development } = developmentDefaults;
  return operatorTenantId ?? (clientId === undefined ? development : undefined);
}

/** An empty variable is an absent one: that is how shells and compose files unset them. What restricts must not be. */
function withoutBlank(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value?.trim() !== ""),
  );
}

function formatIssue({ path, message }: z.core.$ZodIssue): string {
  return `${path.join(".")} ${message}`;
}
