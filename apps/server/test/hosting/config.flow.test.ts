import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createPrivateKey } from "node:crypto";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEntraEmulator } from "@entrada/entra-emulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSelfSignedCertificate } from "../../../../packages/auth/test/support/self-signed-certificate.js";
import { runServerProcess, startServerProcess } from "../support/processes.js";

const secret = Buffer.alloc(32, 7).toString("base64");
const production = {
  NODE_ENV: "production",
  APP_URL: "https://app.example.test",
  AUTH_SECRET: secret,
  ENTRA_CLIENT_ID: "5f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10",
  ENTRA_CLIENT_SECRET: "a distinctive client secret",
  DATABASE_URL: "file:./entrada.db",
  PORT: "0",
};

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "entrada-config-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Expects the server to exit with these findings, without a stack trace or a secret. */
async function expectRefusal(
  environment: Readonly<Record<string, string>>,
  ...findings: readonly RegExp[]
): Promise<void> {
  const { code, stdout, stderr } = await runServerProcess(environment, folder);

  expect(code, stderr).toBe(1);
  expect(stdout).toBe("");
  for (const finding of findings) expect(stderr).toMatch(finding);
  expect(stderr).not.toMatch(/^\s+at |node_modules|main\.js|"stack"/m);
  expect(stderr).not.toMatch(/distinctive/);
}

async function readMode(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe("the server", () => {
  it("names every missing variable in production", async () => {
    await expectRefusal(
      { NODE_ENV: "production" },
      /APP_URL is missing: .+/,
      /AUTH_SECRET is missing: .+openssl rand -base64 32/,
      /ENTRA_CLIENT_ID is missing: .+/,
      /ENTRA_CLIENT_SECRET is missing: .+/,
    );
  });

  it("[K3] reports all malformed variables at once", async () => {
    await expectRefusal(
      {
        ...production,
        PORT: "http",
        APP_URL: "http://app.example.test",
        AUTH_SECRET: "distinctive",
        ENTRA_AUTHORITY: "http://localhost:5180",
        TRUSTED_PROXIES: "everyone",
      },
      /PORT must be a whole number from 0 to 65535/,
      /APP_URL must be https/,
      /AUTH_SECRET must hold at least 32 random bytes/,
      /ENTRA_AUTHORITY must be https with NODE_ENV=production/,
      /TRUSTED_PROXIES must be /,
    );
  });

  it("reads .env in its working folder for variables that the environment does not set", async () => {
    await writeFile(join(folder, ".env"), "LOG_LEVEL=loud\nPORT=http\n");

    const { code, stderr } = await runServerProcess(production, folder);

    expect(code).toBe(1);
    expect(stderr).toMatch(/LOG_LEVEL must be one of/);
    expect(stderr).not.toMatch(/PORT/);
  });

  it("refuses an empty ENTRA_TENANT and a misspelt ENTRA_ALLOWED_TENANTS, which would permit every tenant", async () => {
    await expectRefusal(
      {
        ...production,
        ENTRA_TENANT: "",
        ENTRA_ALLOWED_TENANT: "0c0a7050-1111-4c0a-8c0a-c0470500c0a0",
      },
      /ENTRA_TENANT is empty, .+: set it to .+, or unset it/,
      /ENTRA_ALLOWED_TENANT is not a known variable/,
    );
  });

  it("refuses a client certificate that Entra does not accept, and an invalid proxy URL", async () => {
    const { certificate, privateKey } = createSelfSignedCertificate({
      keyType: "ec",
    });
    const file = join(folder, "client.pem");
    await writeFile(file, privateKey + certificate);
    const { ENTRA_CLIENT_SECRET: _, ...unproven } = production;

    await expectRefusal(
      {
        ...unproven,
        ENTRA_CLIENT_CERTIFICATE_FILE: file,
        ENTRA_CLIENT_CERTIFICATE_KEY_FILE: file,
        HTTPS_PROXY: "http://operator:distinctive@proxy:port",
      },
      /ENTRA_CLIENT_CERTIFICATE_KEY_FILE names a file that holds a key of the type EC, .+RSA/,
      /HTTPS_PROXY must be the URL of an HTTP proxy/,
    );
  });

  it("refuses an encrypted private key and names the variable", async () => {
    const { certificate, privateKey } = createSelfSignedCertificate();
    const key = createPrivateKey(privateKey).export({
      type: "pkcs8",
      format: "pem",
      cipher: "aes-256-cbc",
      passphrase: "distinctive",
    });
    const file = join(folder, "client.pem");
    await writeFile(file, certificate + key.toString());
    const { ENTRA_CLIENT_SECRET: _, ...unproven } = production;

    await expectRefusal(
      {
        ...unproven,
        ENTRA_CLIENT_CERTIFICATE_FILE: file,
        ENTRA_CLIENT_CERTIFICATE_KEY_FILE: file,
      },
      /ENTRA_CLIENT_CERTIFICATE_KEY_FILE names a file that holds a private key that is encrypted: decrypt it with `openssl pkey/,
    );
  });

  it("starts with one PEM file for certificate and key and with the variables of Kubernetes, and warns of an expired certificate", async () => {
    const { certificate, privateKey } = createSelfSignedCertificate({
      notAfter: "250101000000Z",
    });
    const { certificate: issuer } = createSelfSignedCertificate();
    const file = join(folder, "client.pem");
    await writeFile(file, issuer + privateKey + certificate);
    const server = await startServerProcess({
      authority: "https://login.example.test",
      environment: {
        ENTRA_CLIENT_ID: production.ENTRA_CLIENT_ID,
        ENTRA_CLIENT_CERTIFICATE_FILE: file,
        ENTRA_CLIENT_CERTIFICATE_KEY_FILE: file,
        ENTRA_EMULATOR_SERVICE_HOST: "10.0.0.1",
        ENTRA_EMULATOR_PORT_5180_TCP_ADDR: "10.0.0.1",
        ENTRA_WEB_SERVICE_PORT_HTTP: "80",
      },
    });
    await server.stop();

    const warning = server
      .output()
      .split("\n")
      .find((line) => line.includes('"certificate.expired"'));
    expect(JSON.parse(warning ?? "{}")).toMatchObject({
      level: 40,
      variable: "ENTRA_CLIENT_CERTIFICATE_FILE",
      validTo: "2025-01-01T00:00:00.000Z",
    });
  });

  it.each([
    ["", "max-age=31536000; includeSubDomains"],
    ["false", "max-age=31536000"],
  ])(
    "[R42] sends HSTS with or without the subdomains: %j",
    async (value, header) => {
      const server = await startServerProcess({
        authority: "http://localhost:9",
        environment: {
          APP_URL: "https://app.example.test",
          HSTS_INCLUDE_SUBDOMAINS: value,
        },
      });
      const { headers } = await fetch(
        `http://localhost:${server.port}/healthz`,
      );
      await server.stop();

      expect(headers.get("strict-transport-security")).toBe(header);
    },
  );

  it("logs at start which tenants may sign in", async () => {
    const tenantId = "0c0a7050-1111-4c0a-8c0a-c0470500c0a0";
    const server = await startServerProcess({
      authority: "http://localhost:9",
      environment: {
        ENTRA_TENANT: "common",
        ENTRA_ALLOWED_TENANTS: ` ${tenantId.toUpperCase()}`,
      },
    });
    await server.stop();

    const started = server
      .output()
      .split("\n")
      .find((line) => line.includes('"auth.started"'));
    expect(JSON.parse(started ?? "{}")).toMatchObject({
      authority: "http://localhost:9",
      tenant: "common",
      allowedTenants: [tenantId],
    });
  });

  it("names PORT if the port is in use", async () => {
    const other = createServer().listen(0, "localhost");
    await once(other, "listening");
    const address = other.address();
    const port =
      typeof address === "object" && address !== null ? address.port : 0;
    try {
      await expectRefusal(
        { ...production, PORT: String(port) },
        /PORT: cannot listen on localhost:\d+ \(EADDRINUSE\): set it to /,
      );
    } finally {
      other.close();
      await once(other, "close");
    }
  });

  it("names HOST if it is not an address of this machine", async () => {
    await expectRefusal(
      { ...production, HOST: "192.0.2.1" },
      /HOST: cannot listen on 192\.0\.2\.1:0 \(\w+\): set it to /,
    );
  });

  it("names DATABASE_URL if the file is not a database or cannot be created", async () => {
    const file = join(folder, "notes.txt");
    await writeFile(file, "Something else, and long enough. ".repeat(100));

    await expectRefusal(
      { ...production, DATABASE_URL: `file:${file}` },
      /DATABASE_URL: the database .+ cannot be opened \(SQLITE_NOTADB\)/,
    );
    await expectRefusal(
      { ...production, DATABASE_URL: `file:${file}/entrada.db` },
      /DATABASE_URL: the database .+ cannot be opened \(\w+\): it must /,
    );
    expect(await readFile(file, "utf8")).toMatch(/^Something else/);
  });

  it("creates a development secret once, and makes secret and database readable only by their owner", async () => {
    const emulator = await startEntraEmulator();
    const databasePath = join(folder, "data", "entrada.db");
    const secretPath = join(folder, "data", "auth-secret");
    const read = async () => {
      const server = await startServerProcess({
        authority: emulator.origin,
        databasePath,
      });
      await server.stop();
      return readFile(secretPath, "utf8");
    };
    try {
      const first = await read();
      const second = await read();

      expect(second).toBe(first);
      expect(Buffer.from(first, "base64")).toHaveLength(32);
      expect(await readMode(secretPath)).toBe(0o600);
      expect(await readMode(databasePath)).toBe(0o600);
    } finally {
      await emulator.close();
    }
  });
});
