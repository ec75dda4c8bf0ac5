import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  explainMissingEmulator,
  readEmulatorPort,
} from "./emulator-address.js";

/** The options of `emulatorServer`. */
export interface EmulatorServerOptions {
  /** Defaults to `ENTRA_EMULATOR_PORT`, then to the port of a local `ENTRA_AUTHORITY`, then to 5180. */
  readonly port?: number | undefined;
  /** A JSON file with tenants, people and apps to add to the built-in ones. */
  readonly config?: string | undefined;
}

/** An entry of Playwright's option `webServer`. */
export interface EmulatorServer {
  readonly name: string;
  readonly command: string;
  readonly url: string;
  readonly reuseExistingServer: boolean;
}

const defaultPort = 5180;
const packageName = "@entrada/entra-emulator";

/**
 * Returns the entry of Playwright's option `webServer` that starts the emulator. Without a port, it is at the address
 * that `createAuthFromEnvironment` uses in development. A running emulator is reused, except where `CI` is set.
 *
 * @example
 * export default defineConfig({ webServer: [emulatorServer(), { command: "node app.js", url }] });
 *
 * @throws {Error} naming the command that installs the emulator if it is missing.
 */
export function emulatorServer({
  port = readEmulatorPort(process.env) ?? defaultPort,
  config,
}: EmulatorServerOptions = {}): EmulatorServer {
  const program = [process.execPath, findProgram(), "--port", String(port)];
  const command = [
    ...program,
    ...(config === undefined ? [] : ["--config", config]),
  ];
  return {
    name: "Entra ID emulator",
    command: command.map((part) => JSON.stringify(part)).join(" "),
    url: `http://localhost:${port}/organizations/v2.0/.well-known/openid-configuration`,
    reuseExistingServer: process.env["CI"] === undefined,
  };
}

/** Returns the file of the emulator's command. */
function findProgram(): string {
  const manifest = resolveManifest();
  const { bin }: { readonly bin: Readonly<Record<string, string>> } =
    JSON.parse(readFileSync(manifest, "utf8"));
  return join(dirname(manifest), bin["entra-emulator"] ?? "");
}

function resolveManifest(): string {
  try {
    return createRequire(import.meta.url).resolve(
      `${packageName}/package.json`,
    );
  } catch (error) {
    return explainMissingEmulator(error);
  }
}
