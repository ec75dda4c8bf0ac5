import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { demoApp } from "../src/index.js";

const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

interface Run {
  readonly child: ChildProcess;
  output(): string;
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  exit(): Promise<number | null>;
}

function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Run {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "src/cli.ts", ...args],
    {
      cwd: join(import.meta.dirname, ".."),
      env: { ...process.env, ...environment },
    },
  );
  running.push(child);
  let text = "";
  child.stdout
    .setEncoding("utf8")
    .on("data", (chunk: string) => (text += chunk));
  child.stderr
    .setEncoding("utf8")
    .on("data", (chunk: string) => (text += chunk));
  const exited = once(child, "close");
  return {
    child,
    output: () => text,
    waitFor: async (pattern) => {
      for (let match = pattern.exec(text); ; match = pattern.exec(text)) {
        if (match !== null) return match;
        if (child.exitCode !== null) throw new Error(`It ended: ${text}`);
        await Promise.race([once(child.stdout, "data"), exited]);
      }
    },
    exit: async () => {
      await exited;
      return child.exitCode;
    },
  };
}

describe("entra-emulator", { timeout: 60_000 }, () => {
  it("prints its origin, the people and the settings for an app, serves, and stops on SIGTERM", async () => {
    const cli = run(["--port", "0"], { PORT: "1" });
    const [, origin] = await cli.waitFor(/Entra ID emulator: (\S+)\n/);
    await cli.waitFor(/Ctrl\+C/);

    const discovery = await fetch(
      `${origin}/common/v2.0/.well-known/openid-configuration`,
    );
    cli.child.kill("SIGTERM");

    expect(discovery.status).toBe(200);
    expect(cli.output()).toContain("ada@contoso.com");
    expect(cli.output()).toContain(`ENTRA_AUTHORITY=${origin}`);
    expect(cli.output()).toContain(
      `ENTRA_CLIENT_ID=${demoApp.clientId} ENTRA_CLIENT_SECRET=${demoApp.clientSecret}`,
    );
    expect(await cli.exit()).toBe(0);
  });

  it("adds apps, people and tenants from a file, and reports an invalid file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "entra-emulator-"));
    const good = join(folder, "good.json");
    const bad = join(folder, "bad.json");
    await writeFile(
      good,
      JSON.stringify({ apps: [{ clientId: "my-app", displayName: "My app" }] }),
    );
    await writeFile(bad, JSON.stringify({ apps: [{ client: "my-app" }] }));

    const withGood = run(["--port", "0", "--config", good]);
    await withGood.waitFor(/My app: ENTRA_CLIENT_ID=my-app/);
    const withBad = run(["--port", "0", "--config", bad]);

    expect(await withBad.exit()).toBe(1);
    expect(withBad.output()).toContain("bad.json is not a valid configuration");
    await rm(folder, { recursive: true });
  });

  it("reads the port from ENTRA_EMULATOR_PORT, and reports a port that is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port =
      typeof address === "object" && address !== null
        ? String(address.port)
        : "";

    const cli = run([], { ENTRA_EMULATOR_PORT: port });

    expect(await cli.exit()).toBe(1);
    expect(cli.output()).toContain(`Port ${port} is in use`);
    other.close();
  });

  it("prints its options with --help", async () => {
    const cli = run(["--help"]);

    expect(await cli.exit()).toBe(0);
    expect(cli.output()).toContain("--config FILE");
  });
});
