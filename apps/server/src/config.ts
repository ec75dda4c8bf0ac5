import { X509Certificate, createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import * as z from "zod/mini";
import { _default as withDefault } from "zod/mini";

/** How our client proves itself at the identity provider; exactly one way. */
export type ClientCredentialConfig =
  | { readonly clientSecret: string }
  | {
      readonly clientCertificate: {
        readonly certificate: string;
        readonly privateKey: string;
      };
    }
  | { readonly federatedTokenFile: string };

/** Everything the server takes from its environment, parsed once. */
export interface Config {
  readonly isProduction: boolean;
  readonly port: number;
  readonly host: string;
  readonly appUrl: string;
  readonly databasePath: string;
  /** `undefined` in development without `AUTH_SECRET`: one is then generated beside the database. */
  readonly authSecrets: readonly Uint8Array[] | undefined;
  readonly authority: string;
  readonly tenant: string;
  readonly allowedTenants: readonly string[] | undefined;
  readonly clientId: string;
  readonly credential: ClientCredentialConfig;
  readonly idleTimeoutSeconds: number;
  readonly absoluteTimeoutSeconds: number;
  readonly flowTimeoutSeconds: number;
  readonly signInsPerMinute: number;
  readonly trustedProxies: readonly string[];
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
} as const;

const publicAuthority = "https://login.microsoftonline.com";
const minimumSecretBytes = 32;
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const domain =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const logLevels: readonly string[] = [
  "fatal",
  "error",
  "warn",
  "info",
  "debug",
  "trace",
  "silent",
];
const base64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/**
 * Parses the environment.
 *
 * @throws {ConfigError} naming every variable that is missing or malformed, with the remedy.
 */
export function parseConfig(environment: Environment): Config {
  const isProduction = environment["NODE_ENV"] === "production";
  const present = withoutBlank(environment);
  const result = createSchema(isProduction).safeParse(present);
  const findings = [
    ...(result.error?.issues.map(formatIssue) ?? []),
    ...findClientMistakes(present, isProduction),
  ];
  if (!result.success || findings.length > 0) throw new ConfigError(findings);

  const values = result.data;
  return {
    isProduction,
    port: values.PORT,
    host: values.HOST,
    appUrl: values.APP_URL,
    databasePath: values.DATABASE_URL,
    authSecrets: values.AUTH_SECRET,
    authority: values.ENTRA_AUTHORITY,
    tenant: values.ENTRA_TENANT,
    allowedTenants: values.ENTRA_ALLOWED_TENANTS,
    clientId: values.ENTRA_CLIENT_ID ?? developmentDefaults.clientId,
    credential: readCredential(values),
    idleTimeoutSeconds: values.SESSION_IDLE_SECONDS,
    absoluteTimeoutSeconds: values.SESSION_ABSOLUTE_SECONDS,
    flowTimeoutSeconds: values.FLOW_SECONDS,
    signInsPerMinute: values.SIGN_IN_RATE_PER_MINUTE,
    trustedProxies: values.TRUSTED_PROXIES,
    logLevel: values.LOG_LEVEL,
  };
}

/** Reads the environment of this process, and `.env` in the working directory where there is one. */
export function readEnvironment(): Environment {
  try {
    process.loadEnvFile();
  } catch {
    // There is no such file, which is ordinary; what it would have set is then reported as missing.
  }
  return process.env;
}

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
    DATABASE_URL: withDefault(variable(parseDatabaseUrl), "./data/entrada.db"),
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
    ENTRA_CLIENT_ID: z.optional(z.string()),
    ENTRA_CLIENT_SECRET: z.optional(z.string()),
    ENTRA_CLIENT_CERTIFICATE_FILE: z.optional(variable(readCertificate)),
    ENTRA_CLIENT_CERTIFICATE_KEY_FILE: z.optional(variable(readPrivateKey)),
    ENTRA_FEDERATED_TOKEN_FILE: z.optional(variable(parseTokenFile)),
    SESSION_IDLE_SECONDS: withDefault(seconds, 3600),
    SESSION_ABSOLUTE_SECONDS: withDefault(seconds, 86_400),
    FLOW_SECONDS: withDefault(seconds, 600),
    SIGN_IN_RATE_PER_MINUTE: withDefault(wholeNumber(0, 1_000_000), 100),
    TRUSTED_PROXIES: withDefault(variable(parseProxies), []),
    LOG_LEVEL: withDefault(variable(parseLogLevel), "info"),
  });
}

/** A text that `parse` turns into a value or refuses, saying in its error what would be right. */
function variable<Value>(
  parse: (text: string) => Value,
  remedy = "is missing",
) {
  const parsed = z.transform((text: string, context): Value => {
    try {
      return parse(text);
    } catch (error) {
      context.issues.push({
        code: "custom",
        input: text,
        message: error instanceof Error ? error.message : "cannot be read",
      });
      return z.NEVER;
    }
  });
  return z.pipe(z.string({ error: remedy }), parsed);
}

function wholeNumber(least: number, most: number) {
  return variable((text) => {
    const value = Number(text);
    const isAcceptable = /^\d+$/.test(text) && value >= least && value <= most;
    return isAcceptable
      ? value
      : refuse(`has to be a whole number from ${least} to ${most}`);
  });
}

function parseAppUrl(text: string): string {
  const url = URL.canParse(text)
    ? new URL(text)
    : refuse("has to be a URL, such as https://app.example.com");
  if (
    url.pathname !== "/" ||
    url.search !== "" ||
    url.hash !== "" ||
    url.username !== ""
  ) {
    refuse("has to be an origin: without path, query, fragment or credentials");
  }
  const isSafe =
    url.protocol === "https:" ||
    (url.protocol === "http:" && isLoopbackHost(url.hostname));
  return isSafe
    ? url.origin
    : refuse("has to be https; plain http is for loopback hosts alone");
}

function parseDatabaseUrl(text: string): string {
  if (/^postgres(ql)?:/.test(text))
    refuse(
      "names PostgreSQL, which this version does not serve yet; use file:PATH",
    );
  const path = text.startsWith("file:")
    ? text.slice("file:".length)
    : refuse("has to be file:PATH");
  return path === ""
    ? refuse("has to name a file, such as file:./data/entrada.db")
    : path;
}

function parseSecrets(text: string): readonly Uint8Array[] {
  return text.split(",").map((part) => {
    const secret = part.trim();
    const bytes = base64.test(secret)
      ? Buffer.from(secret, "base64")
      : refuse("has to be base64, or a comma-separated list");
    return bytes.length >= minimumSecretBytes
      ? bytes
      : refuse(
          `has to hold at least ${minimumSecretBytes} random bytes: openssl rand -base64 32`,
        );
  });
}

function parseAuthority(text: string, isProduction: boolean): string {
  const url = URL.canParse(text)
    ? new URL(text)
    : refuse(`has to be a URL, such as ${publicAuthority}`);
  if (
    url.pathname !== "/" ||
    url.search !== "" ||
    url.hash !== "" ||
    url.username !== ""
  ) {
    refuse(
      `has to be an origin such as ${publicAuthority}; the tenant goes into ENTRA_TENANT`,
    );
  }
  if (url.protocol === "https:") return url.origin;
  if (url.protocol !== "http:" || !isLoopbackHost(url.hostname))
    refuse("has to be https");
  return isProduction
    ? refuse("has to be https with NODE_ENV=production")
    : url.origin;
}

function parseTenant(text: string): string {
  const tenant = text.toLowerCase();
  const isKnown =
    ["organizations", "common", "consumers"].includes(tenant) ||
    guid.test(tenant) ||
    domain.test(tenant);
  return isKnown
    ? tenant
    : refuse(
        "has to be a tenant ID, a domain, organizations, common or consumers",
      );
}

function parseTenantIds(text: string): readonly string[] {
  const ids = text.split(",").map((id) => id.trim().toLowerCase());
  return ids.every((id) => guid.test(id))
    ? ids
    : refuse("has to be a comma-separated list of tenant IDs, which are GUIDs");
}

function readCertificate(path: string): string {
  const pem = readText(path);
  return isReadable(() => new X509Certificate(pem))
    ? pem
    : refuse("names a file that holds no certificate in PEM");
}

function readPrivateKey(path: string): string {
  const pem = readText(path);
  return isReadable(() => createPrivateKey(pem))
    ? pem
    : refuse("names a file that holds no unencrypted private key in PEM");
}

/** The platform may replace the file while we run, so only that it is there counts now. */
function parseTokenFile(path: string): string {
  readText(path);
  return path;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return refuse("names a file that cannot be read");
  }
}

function isReadable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

function parseProxies(text: string): readonly string[] {
  const proxies = text.split(",").map((proxy) => proxy.trim());
  return proxies.every(isAddressRange)
    ? proxies
    : refuse("has to be a comma-separated list of IP addresses or CIDR ranges");
}

function isAddressRange(text: string): boolean {
  const [, address = "", bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(bits ?? 0) <= (version === 4 ? 32 : 128);
}

function parseLogLevel(text: string): string {
  return logLevels.includes(text)
    ? text
    : refuse(`has to be one of ${logLevels.join(", ")}`);
}

/** Finds what is wrong with variables that depend on one another: who we are at the identity provider, and our proof. */
function findClientMistakes(
  environment: Environment,
  isProduction: boolean,
): readonly string[] {
  const has = (name: string) => environment[name] !== undefined;
  const isEmulator =
    !isProduction &&
    environment["ENTRA_AUTHORITY"]?.startsWith("https:") !== true;
  const hasCertificate = has("ENTRA_CLIENT_CERTIFICATE_FILE");
  const hasCertificateKey = has("ENTRA_CLIENT_CERTIFICATE_KEY_FILE");
  const credentials = [
    has("ENTRA_CLIENT_SECRET"),
    hasCertificate || hasCertificateKey,
    has("ENTRA_FEDERATED_TOKEN_FILE"),
  ].filter(Boolean).length;
  const mistakes: string[] = [];
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

/** An empty variable is an absent one: that is how shells and compose files unset them. */
function withoutBlank(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value?.trim() !== ""),
  );
}

function isLoopbackHost(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

function formatIssue({ path, message }: z.core.$ZodIssue): string {
  return `${path.join(".")} ${message}`;
}

function refuse(message: string): never {
  throw new TypeError(message);
}
