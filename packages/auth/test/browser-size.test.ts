import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { readPublicExports } from "./support/public-exports.js";

const entry = fileURLToPath(new URL("../src/react.ts", import.meta.url));

/** The most bytes that each export alone adds to an app that has React, minified and compressed with gzip. */
const limits: Readonly<Record<string, number>> = {
  AuthProvider: 1900,
  RequireAuth: 400,
  SignedIn: 400,
  SignedOut: 400,
  canRetryCallback: 200,
  createAuthClient: 200,
  parseAuthFailure: 300,
  readCallbackParameters: 250,
  useAuth: 250,
};

async function measure(names: readonly string[]): Promise<number> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { ${names.join(", ")} } from ${JSON.stringify(entry)};`,
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    external: ["react", "react/jsx-runtime"],
  });
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
}

describe("the browser code of @entrada/auth/react", () => {
  it.each(["RequireAuth", "SignedIn", "SignedOut"])(
    "is at most 2,000 bytes for AuthProvider, useAuth and %s",
    async (gate) => {
      const bytes = await measure(["AuthProvider", "useAuth", gate]);

      expect(bytes).toBeLessThanOrEqual(2000);
    },
  );

  it.each(Object.entries(limits))(
    "of %s alone is at most %d bytes",
    async (name, limit) => {
      const bytes = await measure([name]);

      expect(bytes).toBeLessThanOrEqual(limit);
    },
  );

  it("has a limit for every export", () => {
    const exported = readPublicExports("src/react.ts")
      .filter(({ isType }) => !isType)
      .map(({ name }) => name);

    expect(Object.keys(limits)).toEqual(exported.toSorted());
  });
});
