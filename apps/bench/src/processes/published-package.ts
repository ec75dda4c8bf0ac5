import {
  cp,
  mkdir,
  readFile,
  readdir,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const original = fileURLToPath(
  new URL("../../../../packages/auth", import.meta.url),
);

/** The folder of an app that uses the package. */
export const appFolder = fileURLToPath(
  new URL("../../dist/app", import.meta.url),
);

interface Manifest {
  readonly files: readonly string[];
  readonly publishConfig: { readonly exports: unknown };
}

/**
 * Installs `@entrada/auth` in the folder of the app as it is published: the compiled files, and the manifest whose exports
 * name them. The package must be built.
 */
export async function installPackage(): Promise<void> {
  const modules = join(appFolder, "node_modules");
  const installed = join(modules, "@entrada/auth");
  await rm(appFolder, { recursive: true, force: true });
  await mkdir(installed, { recursive: true });
  const manifest: Manifest = JSON.parse(
    await readFile(join(original, "package.json"), "utf8"),
  );
  const { exports } = manifest.publishConfig;
  await writeFile(
    join(installed, "package.json"),
    JSON.stringify({ ...manifest, exports }),
  );
  for (const name of manifest.files)
    await cp(join(original, name), join(installed, name), { recursive: true });
  await linkDependencies(modules, "");
}

/** Links the dependencies of the package, and its peers, so that the installation needs no network. */
async function linkDependencies(modules: string, scope: string): Promise<void> {
  const source = join(original, "node_modules", scope);
  await mkdir(join(modules, scope), { recursive: true });
  for (const name of await readdir(source)) {
    if (name.startsWith("@")) await linkDependencies(modules, name);
    else if (!name.startsWith("."))
      await symlink(join(source, name), join(modules, scope, name));
  }
}
