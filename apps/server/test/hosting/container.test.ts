import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { validate } from "dockerfile-utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSettings } from "../../../../packages/auth/src/environment/settings.js";
import { parseConfig } from "../../src/config/config.js";
import {
  readComposition,
  readDockerfile,
  readImage,
  readPod,
  readRepositoryFile,
} from "../support/container-files.js";
import { findFreePort } from "../support/processes.js";

// Needs no container engine: the tests parse the files and run the image's command directly.

const dockerfile = readDockerfile();
const image = readImage(dockerfile);
const server = fileURLToPath(new URL("../..", import.meta.url));
const secrets = {
  AUTH_SECRET: randomBytes(32).toString("base64"),
  POSTGRES_PASSWORD: randomBytes(32).toString("hex"),
  ENTRA_CLIENT_ID: "6f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10",
  ENTRA_CLIENT_SECRET: "secret of the registration",
};

describe("the Dockerfile", () => {
  it("has no finding of the Dockerfile linter", () => {
    expect(validate(readRepositoryFile("apps/server/Dockerfile"))).toEqual([]);
  });

  it("builds with the repository's version of pnpm", () => {
    const { packageManager } = JSON.parse(readRepositoryFile("package.json"));

    expect(readRepositoryFile("apps/server/Dockerfile")).toContain(
      `npm install --global ${packageManager}`,
    );
  });

  it("builds and runs on the same version of Node and of Debian", () => {
    const [build, run] = dockerfile.getFROMs().map((from) => from.getImage());

    expect(build).toMatch(/^node:24-trixie-slim$/);
    // Trixie is Debian 13.
    expect(run).toBe("gcr.io/distroless/nodejs24-debian13:nonroot");
  });

  it("runs as a numeric user without privileges, which Kubernetes can verify", () => {
    expect(image.user).toBe("65532:65532");
  });

  it("excludes files from the build that may contain secrets", () => {
    const ignored = readRepositoryFile(".dockerignore").split("\n");

    expect(ignored).toEqual(
      expect.arrayContaining([".git", "**/.env", "**/.env.*", "**/data"]),
    );
  });
});

describe("the image", () => {
  let folder: string;
  let environment: Readonly<Record<string, string>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "entrada-image-"));
    await mkdir(join(folder, "data"));
    await copyDeployment(join(folder, "app"));
    environment = {
      ...image.environment,
      ...secrets,
      HOST: "127.0.0.1",
      PORT: String(await findFreePort()),
      APP_URL: "https://app.example.test",
      DATABASE_URL: `file:${join(folder, "data", "entrada.db")}`,
    };
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function isHealthy(): Promise<boolean> {
    const [program, ...args] = image.healthCheck;
    expect(program).toBe("/nodejs/bin/node");
    // Any other path would be served by the web app.
    expect(args.join()).toContain("/healthz");
    return promisify(execFile)(process.execPath, args, {
      env: environment,
    }).then(
      () => true,
      () => false,
    );
  }

  it("contains only the bundle, its one package and a folder for data", () => {
    expect([...image.copies.keys()]).toEqual([
      "./node_modules",
      "./dist",
      "/data",
    ]);
  });

  it("passes its health check while it runs, and fails it after it has stopped", async () => {
    const child = spawn(process.execPath, image.command, {
      cwd: join(folder, "app"),
      env: environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "close");
    for await (const line of createInterface(child.stdout))
      if (line.includes('"server.started"')) break;
    child.stdout.resume();

    const whileRunning = await isHealthy();
    child.kill();
    await ended;

    expect(whileRunning).toBe(true);
    expect(child.exitCode).toBe(0);
    expect(await isHealthy()).toBe(false);
  });
});

/** Copies what `pnpm deploy` produces for the image: the bundle, and better-sqlite3 with its dependencies. */
async function copyDeployment(app: string): Promise<void> {
  await cp(join(server, "dist"), join(app, "dist"), { recursive: true });
  const sqlite = findPackage("better-sqlite3", join(server, "package.json"));
  const bindings = findPackage("bindings", join(sqlite, "package.json"));
  const path = findPackage("file-uri-to-path", join(bindings, "package.json"));
  for (const [name, source] of Object.entries({
    "better-sqlite3": sqlite,
    bindings,
    "file-uri-to-path": path,
  }))
    await cp(source, join(app, "node_modules", name), {
      recursive: true,
      dereference: true,
      filter: (file) => !/[/\\](deps|obj|obj\.target)$/.test(file),
    });
}

function findPackage(name: string, from: string): string {
  return dirname(createRequire(from).resolve(`${name}/package.json`));
}

describe("the compose file", () => {
  const { services } = readComposition();
  const servers = [services["server-1"], services["server-2"]];

  it("builds the servers from the Dockerfile in the root of the repository", () => {
    for (const { build } of servers) {
      expect(build?.context).toBe("../..");
      expect(build?.dockerfile).toBe("apps/server/Dockerfile");
    }
  });

  it("requires every secret and has no default for any", () => {
    const texts = JSON.stringify(services);

    for (const name of Object.keys(secrets)) {
      expect(texts).toContain(`\${${name}:?`);
      expect(texts).not.toMatch(new RegExp(`\\$\\{?${name}(?!:\\?)`));
    }
  });

  it("gives both servers a valid production environment", () => {
    for (const { environment } of servers) {
      const variables = { ...image.environment, ...interpolate(environment) };

      const { config, findings } = parseConfig(variables);
      const { options, database } = readSettings(variables);

      expect(findings).toEqual([]);
      expect(config).toMatchObject({ host: "0.0.0.0", port: 3000 });
      expect(options.appUrl).toBe("https://localhost");
      expect(database).toMatchObject({
        address: {
          engine: "postgres",
          url: `postgres://entrada:${secrets.POSTGRES_PASSWORD}@postgres:5432/entrada`,
        },
      });
    }
  });

  it("makes both servers trust only the proxy", () => {
    const { networks } = services.proxy;
    const address = Array.isArray(networks)
      ? undefined
      : networks["public"]?.ipv4_address;

    expect(address).toBeDefined();
    for (const { environment } of servers)
      expect(environment["TRUSTED_PROXIES"]).toBe(address);
  });

  it("publishes only the proxy, which cannot reach the database", () => {
    expect(services.proxy.ports).toContain("443:443");
    for (const { ports } of [...servers, services.postgres])
      expect(ports).toEqual([]);
    expect(services.postgres.networks).toEqual(["private"]);
    expect(services.proxy.networks).not.toHaveProperty("private");
  });

  it("mounts files that exist", () => {
    const mounted = services.proxy.volumes
      .map((volume) => volume.split(":")[0] ?? "")
      .filter((source) => source.startsWith("."));

    expect(mounted).toEqual(["./Caddyfile"]);
    for (const source of mounted)
      expect(existsSync(join(server, source))).toBe(true);
  });

  it("has a proxy with both servers and their readiness check", () => {
    const proxy = readRepositoryFile("apps/server/Caddyfile");

    expect(proxy).toContain("reverse_proxy server-1:3000 server-2:3000");
    expect(proxy).toContain("health_uri /readyz");
  });
});

describe("the manifest for Kubernetes", () => {
  const pod = readPod();
  const [container] = pod.containers;
  const environment = Object.fromEntries(
    container.env.map(({ name, value }) => [name, value]),
  );

  it("runs the image with its user and its port", () => {
    expect(`${pod.securityContext.runAsUser}:65532`).toBe(image.user);
    expect(pod.securityContext.runAsNonRoot).toBe(true);
    expect(String(container.ports[0].containerPort)).toBe(
      image.environment["PORT"],
    );
  });

  it("has a liveness and a readiness probe", () => {
    expect(container.livenessProbe.httpGet.path).toBe("/healthz");
    expect(container.readinessProbe.httpGet.path).toBe("/readyz");
  });

  it("has a longer grace period than a server needs to stop", () => {
    const delay = Number(environment["STOP_DELAY_SECONDS"]);

    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
      delay + 15,
    );
  });

  it("mounts the token for Entra at the path that the server reads", () => {
    const [volume] = pod.volumes;
    const [mount] = container.volumeMounts;
    const { path, audience } = volume.projected.sources[0].serviceAccountToken;

    expect(mount.name).toBe(volume.name);
    expect(environment["ENTRA_FEDERATED_TOKEN_FILE"]).toBe(
      `${mount.mountPath}/${path}`,
    );
    expect(audience).toBe("api://AzureADTokenExchange");
  });

  it("gives a valid production environment without a client secret", () => {
    // Any existing file: its content is read at the first code exchange.
    const tokenFile = fileURLToPath(import.meta.url);

    const variables = {
      ...image.environment,
      ...environment,
      ENTRA_FEDERATED_TOKEN_FILE: tokenFile,
      AUTH_SECRET: secrets.AUTH_SECRET,
      DATABASE_URL: "postgres://entrada:word@database.example.com/entrada",
    };

    const { config, findings } = parseConfig(variables);
    const { client } = readSettings(variables);

    expect(findings).toEqual([]);
    expect(client).toMatchObject({
      credential: { federatedTokenFile: tokenFile },
    });
    expect(config.stopDelaySeconds).toBe(10);
  });
});

/** Replaces variables by their secrets or defaults, as Compose does. */
function interpolate(
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  const given: Readonly<Record<string, string>> = secrets;
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replaceAll(
        /\$\{(\w+):[-?]([^}]*)\}/g,
        (_, variable: string, fallback: string) => given[variable] ?? fallback,
      ),
    ]),
  );
}
