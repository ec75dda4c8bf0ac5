import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    readonly chromiumPath: string;
  }
}

const script = new URL("../../scripts/ensure-chromium.mjs", import.meta.url);

/** Finds Chromium, or installs it, once for all test files. */
export function setup(project: TestProject): void {
  const output = execFileSync(process.execPath, [fileURLToPath(script)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  project.provide("chromiumPath", output.trim());
}
