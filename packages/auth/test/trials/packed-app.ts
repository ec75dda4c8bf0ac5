import { execFile } from "node:child_process";
import { once } from "node:events";
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const runFile = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(import.meta.url);

/** An app outside the workspace, in which the packed packages are installed. */
export interface PackedApp {
  readonly folder: string;
  /** Packs a package of the workspace, as a maintainer does for publishing, and returns the tarball's path. */
  pack(name: string, tool: "npm" | "pnpm"): Promise<string>;
  /** Runs a command in the folder and returns its output. */
  run(
    command: string,
    args: readonly string[],
    env?: NodeJS.ProcessEnv,
  ): Promise<string>;
  /** Deletes the folder. */
  close(): Promise<void>;
}

/**
 * Creates the app and installs both packages and the dependencies as npm does, without compiling native parts. A
 * dependency without a version has the version of the workspace.
 */
export async function createPackedApp(
  dependencies: readonly string[],
): Promise<PackedApp> {
  const folder = await mkdtemp(join(tmpdir(), "entrada-reuse-"));
  await copyWorkspace(folder);
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({
      name: "somebody-elses-app",
      private: true,
      type: "module",
    }),
  );
  const app: PackedApp = {
    folder,
    pack: (name, tool) => pack(folder, name, tool),
    run: async (command, args, env = {}) => {
      const { stdout } = await runFile(command, args, {
        cwd: folder,
        env: { ...withoutPackageManager(), ...env },
      });
      return stdout;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
  await app.run("npm", [
    "install",
    "--ignore-scripts",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    await app.pack("auth", "npm"),
    await app.pack("entra-emulator", "npm"),
    ...dependencies.map(withVersion),
  ]);
  return app;
}

/** Returns a port of this machine that no process listens on. */
export async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "localhost");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("The operating system returned no port.");
}

/** Returns the folder of a package in the workspace. */
export function findPackage(name: string): string {
  const found = (require.resolve.paths(name) ?? [])
    .map((path) => join(path, name))
    .find((path) => canRead(join(path, "package.json")));
  if (found === undefined)
    throw new Error(`${name} is not installed in the workspace.`);
  return found;
}

function canRead(manifest: string): boolean {
  try {
    require(manifest);
    return true;
  } catch {
    return false;
  }
}

/** Copies the files for packing, because packing changes its folder and other tests read the original. */
async function copyWorkspace(folder: string): Promise<void> {
  const original = join(root, "../..");
  const workspace = join(folder, "workspace");
  for (const name of ["LICENSE", "tsconfig.base.json", ".ci/pack.mjs"])
    await cp(join(original, name), join(workspace, name));
  await symlink(
    join(original, "node_modules"),
    join(workspace, "node_modules"),
  );
  for (const name of ["packages/auth", "packages/entra-emulator"]) {
    const outside = /^(node_modules|dist|test|reports|\.stryker-tmp)$/;
    await cp(join(original, name), join(workspace, name), {
      recursive: true,
      filter: (path) =>
        !outside.test(relative(join(original, name), path).split("/")[0] ?? ""),
    });
    // A separate folder, because packing writes a file into it.
    await mkdir(join(workspace, name, "node_modules"));
    for (const entry of await readdir(join(original, name, "node_modules")))
      await symlink(
        join(original, name, "node_modules", entry),
        join(workspace, name, "node_modules", entry),
      );
  }
}

async function pack(
  folder: string,
  name: string,
  tool: "npm" | "pnpm",
): Promise<string> {
  const cwd = join(folder, "workspace/packages", name);
  const destination = await mkdtemp(join(folder, `${tool}-`));
  const [command, ...before] = tool === "npm" ? ["npm"] : findPnpm();
  await runFile(
    command ?? "",
    [...before, "pack", "--pack-destination", destination],
    { cwd, env: withoutPackageManager() },
  );
  const [tarball = ""] = await readdir(destination);
  return join(destination, tarball);
}

function findPnpm(): readonly string[] {
  const script = process.env["npm_execpath"] ?? "";
  if (!/pnpm/.test(script)) return ["npx", "-y", "pnpm@12"];
  return /\.[cm]?js$/.test(script) ? [process.execPath, script] : [script];
}

/** Returns the dependency with the version of the workspace, unless it names a version. */
function withVersion(name: string): string {
  if (name.includes("@", 1)) return name;
  const { version }: { readonly version: string } = require(
    join(findPackage(name), "package.json"),
  );
  return `${name}@${version}`;
}

/** Returns the environment without the variables that the package manager of the test run has set. */
function withoutPackageManager(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(npm_package_|npm_lifecycle_|npm_execpath|npm_command|INIT_CWD|NODE_OPTIONS|NODE_ENV|VITEST)/.test(
          name,
        ),
    ),
  );
}
