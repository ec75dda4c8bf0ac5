import { isLoopbackHost } from "../../core/provider/loopback-host.js";

/** Environment variables by name. */
type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Returns the port that the environment chooses for the emulator: `ENTRA_EMULATOR_PORT`, or the port of
 * `ENTRA_AUTHORITY` if it names this machine; `undefined` if neither is set.
 */
export function readEmulatorPort({
  ENTRA_EMULATOR_PORT: port,
  ENTRA_AUTHORITY: authority = "",
}: Variables): number | undefined {
  // For a service named `entra-emulator`, Kubernetes sets the variable to a URL.
  if (port !== undefined && /^\d+$/.test(port)) return Number(port);
  if (!URL.canParse(authority)) return undefined;
  const url = new URL(authority);
  return isLoopbackHost(url.hostname) && url.port !== ""
    ? Number(url.port)
    : undefined;
}

/** Explains how to install the emulator, which is an optional peer of this package. */
export function explainMissingEmulator(cause: unknown): never {
  throw new Error(
    "@entrada/entra-emulator is not installed. Run: npm install --save-dev @entrada/entra-emulator",
    { cause },
  );
}
