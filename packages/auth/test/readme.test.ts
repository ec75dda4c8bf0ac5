import { execFile } from "node:child_process";
import {
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  writeFile,
} from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

interface Example {
  readonly language: string;
  readonly source: string;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const guides = fileURLToPath(new URL("../../../apps/docs", import.meta.url));

// The rest of the application of the examples.
const surroundings = `
import type { ActiveUser, AuthOptions, Stores, UserProfile } from "@entrada/auth";
import type { RequestAuth } from "@entrada/auth/http";
import type { AuthProcedures } from "@entrada/auth/react";
import type { AuthContext } from "@entrada/auth/trpc";
import { initTRPC } from "@trpc/server";
import type { ReactElement } from "react";

const application = initTRPC.context<AuthContext>().create();

declare global {
  const t: typeof application;
  const options: AuthOptions;
  const stores: Stores;
  function remove(user: ActiveUser): void;
  const clientId: string;
  const userId: string;
  const clientSecret: string;
  const authSecret: string;
  const clientAddress: string;
  const peerAddress: string | undefined;
  const req: Request;
  const log: { info(event: object): void; error(event: object): void };
  const ctx: { readonly auth: RequestAuth };
  const trpcClient: { readonly auth: AuthProcedures };
  function respond(request: Request): Promise<Response>;
  function isWelcome(profile: UserProfile): boolean;
  function createEmptyDatabase(): Promise<string>;
  function SignInPage(): ReactElement;
  function Workspace(): ReactElement;
}
`;

/**
 * Type-checks the examples as modules of this package, which imports itself by its published name, and returns the
 * errors.
 */
async function check(examples: readonly Example[]): Promise<string> {
  await mkdir(join(root, "node_modules"), { recursive: true });
  const folder = await mkdtemp(join(root, "node_modules", ".readme-"));
  try {
    await writeFile(join(folder, "surroundings.ts"), surroundings);
    // The first example of the README is the module that the others import.
    await writeFile(
      join(folder, "auth.ts"),
      'export * from "./example-1.js";\n',
    );
    for (const [index, { language, source }] of examples.entries()) {
      await writeFile(
        join(folder, `example-${index + 1}.${language}`),
        `${source}\nexport {};\n`,
      );
    }
    const compilerOptions = {
      noUnusedLocals: false,
      noUnusedParameters: false,
    };
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: "../../tsconfig.json",
        compilerOptions,
        include: ["*"],
      }),
    );
    return await runCompiler(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function runCompiler(folder: string): Promise<string> {
  const typescript = createRequire(import.meta.url).resolve(
    "typescript/package.json",
  );
  const program = join(dirname(typescript), "bin", "tsc");
  const run = promisify(execFile)(process.execPath, [
    program,
    "-p",
    folder,
    "--pretty",
    "false",
  ]);
  return run.then(
    () => "",
    (error: unknown) =>
      error instanceof Error && "stdout" in error
        ? String(error.stdout)
        : String(error),
  );
}

/** Returns the examples of the README, then those of the guides. */
async function readExamples(): Promise<readonly Example[]> {
  const files = (await readdir(guides)).filter((name) => name.endsWith(".md"));
  const texts = await Promise.all(
    [join(root, "README.md"), ...files.map((name) => join(guides, name))].map(
      (path) => readFile(path, "utf8"),
    ),
  );
  return [...texts.join("\n").matchAll(/^```(tsx?)\n([\s\S]*?)^```/gm)].map(
    ([, language = "", source = ""]) => ({
      language,
      source,
    }),
  );
}

it(
  "every example of the README and the guides compiles unchanged",
  { timeout: 60_000 },
  async () => {
    const examples = await readExamples();

    const findings = await check(examples);

    expect(examples.length).toBeGreaterThan(10);
    expect(findings).toBe("");
  },
);

it(
  "the compiler reports an example that uses an unknown export",
  { timeout: 60_000 },
  async () => {
    const source =
      'import { createAuthentication } from "@entrada/auth";\ncreateAuthentication();';

    const findings = await check([{ language: "ts", source }]);

    expect(findings).toContain("createAuthentication");
  },
);
