import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { appFolder, installPackage } from "./published-package.js";

const source = fileURLToPath(new URL("..", import.meta.url));
/** Below `apps/bench`, so that Node finds the packages. */
const output = fileURLToPath(new URL("../../dist", import.meta.url));

/** The file of a server of the benchmark. Its own modules are in one file, and its packages are those of `apps/bench`. */
export function serverFile(name: string): string {
  return join(output, "servers", `${name}-server.js`);
}

/** The file of the identity provider. */
export const providerFile = join(output, "provider", "provider-server.js");

/** The module that measures the event loop of a server. */
export const probeFile = join(output, "probes", "hold-probe.js");

/** The file of the server that uses the packed package. */
export const packageServerFile = join(appFolder, "entrada-package-server.js");

/** Translates the servers to JavaScript, so that they start without a loader. */
export async function buildServers({
  withPackage,
}: {
  readonly withPackage: boolean;
}): Promise<void> {
  const names = await readdir(join(source, "servers"));
  const servers = names.filter((name) => name.endsWith("-server.ts"));
  await bundle(output, [
    "provider/provider-server.ts",
    "probes/hold-probe.ts",
    ...servers.map((name) => `servers/${name}`),
  ]);
  if (!withPackage) return;
  await installPackage();
  await bundle(appFolder, ["servers/entrada-package-server.ts"], "");
}

async function bundle(
  outdir: string,
  files: readonly string[],
  outbase = source,
): Promise<void> {
  await build({
    entryPoints: files.map((file) => join(source, file)),
    outdir,
    ...(outbase === "" ? {} : { outbase }),
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "warning",
  });
}
