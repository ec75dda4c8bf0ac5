import {
  explainMissingEmulator,
  readEmulatorPort,
} from "./emulator-address.js";

/**
 * Starts the emulator for a run of Vitest, and sets `ENTRA_AUTHORITY`, `ENTRA_CLIENT_ID` and `ENTRA_CLIENT_SECRET` to
 * the emulator's app, and `ENTRA_TENANT` to `organizations` if it is not set. It listens on the port of
 * `ENTRA_EMULATOR_PORT`, else on the port of a local `ENTRA_AUTHORITY`, else on a free port.
 *
 * @returns The function that stops the emulator and restores the variables.
 *
 * @example
 * export default defineConfig({ test: { globalSetup: ["@entrada/auth/testing/emulator"] } });
 */
export async function setup(): Promise<() => Promise<void>> {
  const { startEntraEmulator, demoApp } =
    await import("@entrada/entra-emulator").catch(explainMissingEmulator);
  const emulator = await startEntraEmulator({
    port: readEmulatorPort(process.env),
  });
  const restore = setVariables(process.env, {
    ENTRA_AUTHORITY: emulator.origin,
    ENTRA_TENANT: process.env["ENTRA_TENANT"] ?? "organizations",
    ENTRA_CLIENT_ID: demoApp.clientId,
    ENTRA_CLIENT_SECRET: demoApp.clientSecret,
  });
  return async () => {
    restore();
    await emulator.close();
  };
}

/** Sets the variables and returns the function that restores their values. */
function setVariables(
  environment: NodeJS.ProcessEnv,
  values: Readonly<Record<string, string | undefined>>,
): () => void {
  const previous = Object.keys(values).map(
    (name) => [name, environment[name]] as const,
  );
  Object.assign(environment, values);
  return () => {
    for (const [name, value] of previous)
      if (value === undefined) delete environment[name];
      else environment[name] = value;
  };
}
