#!/usr/bin/env node
import { stdout, stderr } from "node:process";
import {
  type CliOptions,
  DEFAULT_PORT,
  parseCliOptions,
} from "./cli-options.js";
import { type EntraEmulator, startEntraEmulator } from "./start-emulator.js";

const HELP = `entra-emulator: a local Microsoft Entra ID v2.0 for development and tests

  --port NUMBER   port to listen on; 0 picks a free one (default ${DEFAULT_PORT}, or ENTRA_EMULATOR_PORT)
  --host NAME     localhost, 127.0.0.1 or ::1 (default localhost)
  --config FILE   JSON with "tenants", "people" and "apps" to add to the built-in directory
  --help          print this text
`;

try {
  await main(parseCliOptions(process.argv.slice(2), process.env));
} catch (error) {
  stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}

async function main(options: CliOptions): Promise<void> {
  if (options.action === "help") {
    stdout.write(HELP);
    return;
  }
  const { port, host, directory } = options;
  const emulator = await startEntraEmulator({ ...directory, port, host });
  stdout.write(describe(emulator));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void emulator.close());
  }
}

function describe({ origin, directory }: EntraEmulator): string {
  const width = Math.max(...directory.people.map(({ upn }) => upn.length));
  const people = directory.people.map(
    ({ upn, note }) => `  ${upn.padEnd(width)}  ${note ?? ""}`,
  );
  const apps = directory.apps.map(
    ({ clientId, clientSecret, displayName }) =>
      `  ${displayName ?? clientId}: ENTRA_CLIENT_ID=${clientId} ENTRA_CLIENT_SECRET=${clientSecret ?? "(none)"}`,
  );
  return `Entra ID emulator: ${origin}

Sign in as
${people.join("\n")}

Configure an app
  ENTRA_AUTHORITY=${origin} ENTRA_TENANT=organizations (or common, consumers, contoso.com, a tenant ID)
${apps.join("\n")}
  OpenID Connect discovery: ${origin}/organizations/v2.0/.well-known/openid-configuration

Press Ctrl+C to stop.
`;
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EADDRINUSE" && "port" in error) {
    return `Port ${String(error.port)} is in use: another emulator may be running. Use --port or ENTRA_EMULATOR_PORT.`;
  }
  return error.message;
}
