import { createPrivateKey } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtInTenants, demoApp } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSelfSignedCertificate } from "../../test/support/self-signed-certificate.js";
import { createFakeIdentityClient } from "../testing/provider/fake-identity-client.js";
import { createMemoryStores } from "../testing/memory/stores.js";
import {
  developmentDefaults,
  environmentVariables,
  readSettings,
} from "./settings.js";
import type { ClientSettings } from "./settings.js";
import { EnvironmentError } from "./variable-reader.js";

const secret = Buffer.alloc(32, 7).toString("base64");
const tenantId = "0c0a7050-1111-4c0a-8c0a-c0470500c0a0";
const production = {
  NODE_ENV: "production",
  APP_URL: "https://app.example.test",
  AUTH_SECRET: secret,
  ENTRA_CLIENT_ID: "5f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10",
  ENTRA_CLIENT_SECRET: "a client secret",
};

const { ENTRA_CLIENT_SECRET: _, ...unproven } = production;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "entrada-settings-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function findMistakes(
  environment: Readonly<Record<string, string>>,
  given: Parameters<typeof readSettings>[1] = {},
): readonly string[] {
  try {
    readSettings(environment, given);
    return [];
  } catch (error) {
    if (error instanceof EnvironmentError) return error.findings;
    throw error;
  }
}

function readProxies(TRUSTED_PROXIES: string) {
  return readSettings({ TRUSTED_PROXIES }).options.trustedProxies;
}

function readClient(
  environment: Readonly<Record<string, string>>,
): ClientSettings {
  const { client } = readSettings(environment);
  if ("identityClient" in client) throw new Error("No client was read.");
  return client;
}

describe("readSettings", () => {
  it("requires no variable in development and uses the emulator by default", () => {
    expect(readSettings({})).toEqual({
      options: {
        appUrl: "http://localhost:5173",
        allowedTenants: undefined,
        operatorTenantId: builtInTenants.contoso.tenantId,
        session: { idleTimeoutSeconds: 3600, absoluteTimeoutSeconds: 86_400 },
        flow: { timeoutSeconds: undefined },
        rateLimit: { perMinute: 100 },
        trustedProxies: undefined,
        auditRetentionDays: undefined,
        hstsIncludeSubDomains: undefined,
      },
      secrets: undefined,
      client: {
        authority: "http://localhost:5180",
        tenant: "organizations",
        clientId: demoApp.clientId,
        credential: { clientSecret: demoApp.clientSecret },
        proxies: {
          httpsProxy: undefined,
          httpProxy: undefined,
          noProxy: undefined,
        },
      },
      database: {
        address: { engine: "sqlite", path: "./data/entrada.db" },
        poolSize: 10,
        clientId: demoApp.clientId,
        tables: {},
      },
    });
    expect(developmentDefaults.clientSecret).toBe(demoApp.clientSecret);
  });

  it("requires ENTRA_AUTHORITY in development for an application on another host", () => {
    const environment = { APP_URL: "https://app.example.test" };

    expect(findMistakes(environment)).toEqual([
      expect.stringMatching(
        /^ENTRA_AUTHORITY is missing: .*NODE_ENV=production/,
      ),
    ]);
    expect(
      findMistakes({ ...environment, ENTRA_AUTHORITY: "http://localhost:9" }),
    ).toEqual([]);
  });

  it("trims client ID and secret, and converts the client ID to lower case", () => {
    const { clientId, credential } = readClient({
      ...production,
      ENTRA_CLIENT_ID: ` ${production.ENTRA_CLIENT_ID.toUpperCase()} `,
      ENTRA_CLIENT_SECRET: " a client secret\n",
    });

    expect(clientId).toBe(production.ENTRA_CLIENT_ID);
    expect(credential).toEqual({ clientSecret: "a client secret" });
  });

  it("uses the public cloud in production by default", () => {
    expect(readSettings(production)).toMatchObject({
      options: { appUrl: "https://app.example.test" },
      client: {
        authority: "https://login.microsoftonline.com",
        tenant: "organizations",
        credential: { clientSecret: "a client secret" },
      },
      secrets: [Buffer.alloc(32, 7)],
    });
  });

  it.each([
    ["https://app.example.test/", "https://app.example.test"],
    ["https://app.example.test/hr", "https://app.example.test/hr"],
    ["https://app.example.test/a/b-2/", "https://app.example.test/a/b-2"],
  ])("accepts the path of APP_URL %s", (APP_URL, appUrl) => {
    expect(readSettings({ ...production, APP_URL }).options.appUrl).toBe(
      appUrl,
    );
  });

  it("neither reads nor requires a variable if its option is given", () => {
    const given = {
      appUrl: "https://app.example.test",
      identityClient: createFakeIdentityClient(),
      stores: createMemoryStores(),
      secrets: [Buffer.alloc(32)],
      allowedTenants: [tenantId],
      operatorTenantId: tenantId,
      session: { idleTimeoutSeconds: 5, absoluteTimeoutSeconds: 6 },
      flow: { timeoutSeconds: 7 },
      rateLimit: { perMinute: 8 },
      trustedProxies: ["private"],
      auditRetentionDays: 40,
      hstsIncludeSubDomains: false,
    };
    const wrong = Object.fromEntries(
      environmentVariables
        .filter((name) => name !== "NODE_ENV")
        .map((name) => [name, "?"]),
    );

    const settings = readSettings({ NODE_ENV: "production", ...wrong }, given);

    const { stores, identityClient, secrets, ...options } = given;
    expect(settings.options).toMatchObject(options);
    expect(settings.secrets).toBe(secrets);
    expect(settings.client).toEqual({ identityClient });
    expect(settings.database).toEqual({ stores });
    expect(
      findMistakes({ NODE_ENV: "production", ENTRA_TENANT: "" }, given),
    ).toEqual([]);
  });

  it("reads the session timeout that the option omits", () => {
    const { options } = readSettings(
      { SESSION_ABSOLUTE_SECONDS: "9", SESSION_IDLE_SECONDS: "9" },
      { session: { idleTimeoutSeconds: 5 } },
    );

    expect(options.session).toEqual({
      idleTimeoutSeconds: 5,
      absoluteTimeoutSeconds: 9,
    });
  });

  it.each([
    ["unset", {}],
    ["empty", { ENTRA_AUTHORITY: " " }],
    ["plain http on loopback", { ENTRA_AUTHORITY: "http://127.0.0.1:5180" }],
    ["https on loopback", { ENTRA_AUTHORITY: "https://localhost:5180" }],
  ])(
    "uses the emulator's client only in development if ENTRA_AUTHORITY is %s",
    (_, environment) => {
      const { ENTRA_CLIENT_ID: __, ...rest } = unproven;

      expect(readClient(environment).clientId).toBe(demoApp.clientId);
      expect(findMistakes({ ...rest, ...environment })).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^ENTRA_CLIENT_ID is missing/),
          expect.stringMatching(/^ENTRA_CLIENT_SECRET is missing/),
        ]),
      );
    },
  );

  it("names all missing variables of production at once", () => {
    const mistakes = findMistakes({ NODE_ENV: "production" });

    expect(mistakes.map((mistake) => mistake.split(" ")[0])).toEqual([
      "APP_URL",
      "AUTH_SECRET",
      "ENTRA_CLIENT_ID",
      "ENTRA_CLIENT_SECRET",
    ]);
    expect(
      mistakes.every((mistake) => / is missing: set it to /.test(mistake)),
    ).toBe(true);
  });

  it.each([
    [
      "APP_URL",
      [
        "app.example.test",
        "https://app.example.test/a path",
        "https://app.example.test//hr",
        "https://app.example.test?x",
        "https://app.example.test#x",
        "https://user@app.example.test",
        "http://app.example.test",
        "http://localhost.evil.test",
        "http://127.0.0.1.evil.test",
        "ftp://localhost",
        "javascript:alert(1)",
      ],
    ],
    ["DATABASE_URL", ["data.db", "file:", "mysql://x", "sqlite:x"]],
    [
      "AUTH_SECRET",
      [
        "short",
        Buffer.alloc(31).toString("base64"),
        `${secret},short`,
        `${secret},`,
        "not base64 at all, but long enough to be a secret",
      ],
    ],
    [
      "ENTRA_AUTHORITY",
      [
        "login.microsoftonline.com",
        "https://login.microsoftonline.com/organizations",
        "https://login.windows.net",
        "https://user@login.microsoftonline.com",
        "http://login.microsoftonline.com",
        "http://localhost:5180",
        "ftp://login.microsoftonline.com",
      ],
    ],
    [
      "ENTRA_TENANT",
      ["contoso", "../common", "contoso.com/x", "a b", "{tenantid}"],
    ],
    ["ENTRA_ALLOWED_TENANTS", ["contoso.com", `${tenantId},`, "common", "*"]],
    ["SESSION_IDLE_SECONDS", ["0", "-5", "1h", "99999999999"]],
    ["SESSION_ABSOLUTE_SECONDS", ["0", "Infinity"]],
    ["FLOW_SECONDS", ["0", "NaN"]],
    ["SIGN_IN_RATE_PER_MINUTE", ["-1", "many"]],
    ["AUDIT_RETENTION_DAYS", ["29", "0", "forever", "36501"]],
    [
      "TRUSTED_PROXIES",
      [
        "proxy.example.test",
        "10.0.0.0/33",
        "::/129",
        "10.0.0.1/",
        "*",
        "1",
        "private/8",
        "PRIVATE",
      ],
    ],
    ["HSTS_INCLUDE_SUBDOMAINS", ["no", "0", "TRUE", "true,false"]],
    ["HTTPS_PROXY", ["proxy.example.test:3128", "socks5://proxy.example.test"]],
    ["HTTP_PROXY", ["proxy", "ftp://proxy.example.test"]],
    ["https_proxy", ["proxy.example.test"]],
    ["DATABASE_POOL_SIZE", ["x", "0", "1001", "3.5", "1e3", "0x10", "٣"]],
    ["ENTRA_FEDERATED_TOKEN_FILE", ["/no/such/file"]],
  ])("names the malformed variable %s", (name, values) => {
    for (const value of values) {
      const mistakes = findMistakes({ ...production, [name]: value });

      expect(mistakes.join("\n"), value).toMatch(
        new RegExp(`^${name} (must|is|names|cannot)`, "m"),
      );
      expect(mistakes.join("\n")).not.toContain(`${secret}`);
    }
  });

  it.each([
    "postgres://app:word@db.example.test:6432/entrada?sslmode=verify-full",
    "postgresql://db.example.test/entrada",
    "postgres:///entrada?host=/run/postgresql",
  ])("accepts the PostgreSQL URL %s", (url) => {
    expect(readSettings({ DATABASE_URL: url }).database).toEqual({
      address: { engine: "postgres", url },
      poolSize: 10,
      clientId: demoApp.clientId,
      tables: {},
    });
  });

  it.each([
    "postgres://app:distinctive@db.example.test",
    "postgres://app:distinctive@db.example.test/",
    "postgres:///entrada?password=distinctive",
    "postgres://app:distinctive@db.example.test/one/two",
    "postgres://app:dis/tinctive@db:port/entrada",
  ])("refuses an incomplete PostgreSQL URL without quoting it: %s", (url) => {
    const mistakes = findMistakes({ DATABASE_URL: url });

    expect(mistakes).toEqual([
      expect.stringMatching(/^DATABASE_URL must (?:be|name) .*postgres:/),
    ]);
    expect(mistakes.join()).not.toMatch(/distinctive|tinctive/);
  });

  it("accepts a plain-http authority only for loopback hosts in development", () => {
    for (const host of ["localhost:5180", "127.0.0.1:1", "[::1]:5180"])
      expect(readClient({ ENTRA_AUTHORITY: `http://${host}` }).authority).toBe(
        `http://${host}`,
      );
    for (const host of ["example.test", "127.0.0.1.example.test", "0.0.0.0"])
      expect(
        findMistakes({ ENTRA_AUTHORITY: `http://${host}` }),
      ).toContainEqual(expect.stringMatching(/^ENTRA_AUTHORITY must be https/));
  });

  it("names the right authority for an alias, and ENTRA_TENANT for an authority with a tenant", () => {
    const [alias, withTenant] = [
      "https://login.windows.net",
      "https://login.microsoftonline.com/contoso.com",
    ].map((ENTRA_AUTHORITY) =>
      findMistakes({ ...production, ENTRA_AUTHORITY }),
    );

    expect(alias).toEqual([
      "ENTRA_AUTHORITY is an alias of a cloud: use https://login.microsoftonline.com",
    ]);
    expect(withTenant).toEqual([
      expect.stringMatching(/^ENTRA_AUTHORITY .*ENTRA_TENANT/),
    ]);
  });

  it("requires client ID and secret if the authority is not a loopback host", () => {
    const mistakes = findMistakes({
      ENTRA_AUTHORITY: "https://login.microsoftonline.us",
    });

    expect(mistakes.map((mistake) => mistake.split(" ")[0])).toEqual([
      "ENTRA_CLIENT_ID",
      "ENTRA_CLIENT_SECRET",
    ]);
  });

  it("treats an empty variable as absent", () => {
    expect(
      readSettings({ DATABASE_POOL_SIZE: "  ", ENTRA_CLIENT_SECRET: "" }),
    ).toMatchObject({
      client: { credential: { clientSecret: demoApp.clientSecret } },
      database: { poolSize: 10 },
    });
  });

  it.each(["ENTRA_TENANT", "ENTRA_ALLOWED_TENANTS"])(
    "refuses an empty %s, which would let every organisation sign in",
    (name) => {
      for (const environment of [production, {}])
        for (const value of ["", " ", "\t\n"])
          expect(findMistakes({ ...environment, [name]: value })).toEqual([
            expect.stringMatching(
              new RegExp(`^${name} is empty, .+: set it to .+, or unset it`),
            ),
          ]);
    },
  );

  it.each([
    "ENTRA_ALLOWED_TENANT",
    "ENTRA_TENANT_ID",
    "ENTRA_TENANTS",
    "ENTRA_OPERATOR_TENANT_ID",
    "ENTRA_",
  ])("refuses the unknown name %s and lists the known ones", (name) => {
    for (const value of [tenantId, ""])
      expect(findMistakes({ ...production, [name]: value })).toEqual([
        expect.stringMatching(
          new RegExp(
            `^${name} is not a known variable: .+ENTRA_ALLOWED_TENANTS`,
          ),
        ),
      ]);
  });

  it("ignores the emulator's own variable and variables with other prefixes", () => {
    const others = {
      ENTRA_EMULATOR_PORT: "5280",
      ENTRADA_ANYTHING: "x",
      MY_ENTRA_TENANT: "x",
    };

    expect(findMistakes({ ...production, ...others })).toEqual([]);
  });

  it.each([
    ["a service named entra", "ENTRA_", ["8080", "HTTP"]],
    ["a service named entra-client", "ENTRA_CLIENT_", ["5180", "HTTPS"]],
    ["a service named entra-tenant-1", "ENTRA_TENANT_1_", ["443", "ADMIN_API"]],
  ])(
    "ignores the variables that Kubernetes sets for %s",
    (_, prefix, [port, name]) => {
      const names = [
        "SERVICE_HOST",
        "SERVICE_PORT",
        `SERVICE_PORT_${name}`,
        "PORT",
        ...["TCP", "UDP", "SCTP"].flatMap((protocol) =>
          ["", "_PROTO", "_PORT", "_ADDR"].map(
            (part) => `PORT_${port}_${protocol}${part}`,
          ),
        ),
      ];
      const services = Object.fromEntries(
        names.map((name) => [`${prefix}${name}`, "tcp://10.0.0.1:5180"]),
      );

      expect(findMistakes({ ...production, ...services })).toEqual([]);
    },
  );

  it.each([
    "ENTRA_CLIENT_HOST",
    "ENTRA_SERVICE",
    "ENTRA_TENANT_SERVICE_HOSTS",
    "ENTRA_PORT_TCP",
    "ENTRA_PORT_5180",
    "ENTRA_TENANT_REPORT",
    "ENTRA_CLIENT_PORT_5180_TCP_NAME",
  ])("refuses %s, which Kubernetes does not set", (name) => {
    expect(findMistakes({ ...production, [name]: "x" })).toEqual([
      expect.stringMatching(`^${name} is not a known variable`),
    ]);
  });

  it("reads the proxy variables, and prefers lower case", () => {
    const { proxies } = readClient({
      HTTPS_PROXY: "http://upper.test:3128",
      https_proxy: "http://user:word@lower.test:3128",
      NO_PROXY: ".internal.test",
    });

    expect(proxies).toEqual({
      httpsProxy: "http://user:word@lower.test:3128",
      httpProxy: undefined,
      noProxy: ".internal.test",
    });
  });

  it("does not quote the URL of a refused proxy", () => {
    const mistakes = findMistakes({
      HTTPS_PROXY: "http://user:distinctive@proxy:port",
    });

    expect(mistakes).toEqual([expect.stringMatching(/^HTTPS_PROXY must be /)]);
    expect(mistakes.join()).not.toMatch(/distinctive/);
  });

  it("excludes subdomains from HSTS if HSTS_INCLUDE_SUBDOMAINS is false", () => {
    expect(
      readSettings({ HSTS_INCLUDE_SUBDOMAINS: "false" }).options
        .hstsIncludeSubDomains,
    ).toBe(false);
  });

  it("accepts the word private, by itself and in a list", () => {
    expect(readProxies("private")).toEqual(["private"]);
    expect(readProxies("198.51.100.0/24, private")).toEqual([
      "198.51.100.0/24",
      "private",
    ]);
  });

  it("reads lists with spaces and in any letter case", () => {
    const { secrets, options } = readSettings({
      AUTH_SECRET: `${secret}, ${Buffer.alloc(40, 8).toString("base64url")}`,
      ENTRA_ALLOWED_TENANTS: ` ${tenantId.toUpperCase()} , ${tenantId}`,
      TRUSTED_PROXIES: "10.0.0.0/8, ::1,2001:db8::/32",
    });

    expect(secrets).toEqual([Buffer.alloc(32, 7), Buffer.alloc(40, 8)]);
    expect(options.allowedTenants).toEqual([tenantId, tenantId]);
    expect(options.trustedProxies).toEqual([
      "10.0.0.0/8",
      "::1",
      "2001:db8::/32",
    ]);
  });

  it("requires exactly one credential of the client", () => {
    const file = join(folder, "token");
    writeFileSync(file, "a federated token");
    expect(
      readClient({ ...unproven, ENTRA_FEDERATED_TOKEN_FILE: file }).credential,
    ).toEqual({ federatedTokenFile: file });
    expect(
      findMistakes({ ...production, ENTRA_FEDERATED_TOKEN_FILE: file }),
    ).toEqual([expect.stringContaining("exclude each other")]);
    expect(findMistakes(unproven)).toEqual([
      expect.stringMatching(/^ENTRA_CLIENT_SECRET is missing/),
    ]);
  });

  it("reads certificate and key from PEM files with blocks in any order", () => {
    const { certificate, privateKey } = createSelfSignedCertificate();
    const { certificate: other } = createSelfSignedCertificate();

    for (const blocks of [
      [certificate, other, privateKey],
      [privateKey, other, certificate],
      [other, privateKey, certificate],
    ])
      expect(findCertificateMistakes(blocks.join(""))).toEqual([]);
  });

  it("refuses an invalid certificate or key, and one without the other", () => {
    const { privateKey } = createSelfSignedCertificate();

    expect(findCertificateMistakes("no PEM")).toEqual([
      "ENTRA_CLIENT_CERTIFICATE_FILE names a file that holds no certificate in PEM",
      "ENTRA_CLIENT_CERTIFICATE_KEY_FILE names a file that holds no private key in PEM",
    ]);
    expect(
      findMistakes({
        ...unproven,
        ENTRA_CLIENT_CERTIFICATE_KEY_FILE: write("key.pem", privateKey),
      }),
    ).toEqual([expect.stringContaining("go together")]);
  });

  it.each(["ec", "rsa-1024"] as const)(
    "refuses a certificate with a key that Entra does not accept: %s",
    (keyType) => {
      const { certificate, privateKey } = createSelfSignedCertificate({
        keyType,
      });

      expect(findCertificateMistakes(certificate, privateKey)).toEqual([
        expect.stringMatching(
          /^ENTRA_CLIENT_CERTIFICATE_KEY_FILE names a file that holds an? .*: create a certificate with an RSA key of at least 2048 bits$/,
        ),
      ]);
    },
  );

  it("refuses an encrypted key, and a certificate that does not belong to the key", () => {
    const { certificate, privateKey } = createSelfSignedCertificate();
    const { certificate: other } = createSelfSignedCertificate();
    const encrypted = createPrivateKey(privateKey).export({
      type: "pkcs8",
      format: "pem",
      cipher: "aes-256-cbc",
      passphrase: "distinctive",
    });

    expect(findCertificateMistakes(certificate, encrypted.toString())).toEqual([
      expect.stringMatching(
        /^ENTRA_CLIENT_CERTIFICATE_KEY_FILE names a file that holds a private key that is encrypted: decrypt it with `openssl pkey /,
      ),
    ]);
    expect(findCertificateMistakes(other, privateKey)).toEqual([
      "ENTRA_CLIENT_CERTIFICATE_FILE names a file that holds a certificate that does not belong to the private key",
    ]);
  });
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Returns the mistakes of a certificate and a key, in one file or in two. */
function findCertificateMistakes(
  certificate: string,
  key = certificate,
): readonly string[] {
  return findMistakes({
    ...unproven,
    ENTRA_CLIENT_CERTIFICATE_FILE: write("certificate.pem", certificate),
    ENTRA_CLIENT_CERTIFICATE_KEY_FILE: write("key.pem", key),
  });
}
