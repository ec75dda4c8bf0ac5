import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPackedApp, findFreePort, findPackage } from "./packed-app.js";
import type { PackedApp } from "./packed-app.js";

const example = fileURLToPath(
  new URL("../../examples/app-tests", import.meta.url),
);
const guide = fileURLToPath(
  new URL("../../../../apps/docs/testing.md", import.meta.url),
);
const ensureChromium = fileURLToPath(
  new URL(
    "../../../../apps/server/scripts/ensure-chromium.mjs",
    import.meta.url,
  ),
);

/** The version of Playwright that `playwright-core` of the workspace has. */
const playwright = "@playwright/test@1.65.1";

let app: PackedApp;

beforeAll(async () => {
  app = await createPackedApp([
    "better-sqlite3",
    "drizzle-orm",
    "vitest",
    playwright,
  ]);
  // Its native part is not compiled by the installation.
  await cp(
    join(findPackage("better-sqlite3"), "build"),
    join(app.folder, "node_modules/better-sqlite3/build"),
    { recursive: true },
  );
  await cp(example, app.folder, { recursive: true });
});

afterAll(async () => {
  await app?.close();
});

/** Returns the code block of the guide for this file. */
async function readGuide(file: string): Promise<string> {
  const text = await readFile(guide, "utf8");
  const [, source] =
    text.split("```js file=" + file + "\n")[1]?.match(/^([\s\S]*?)^```/m) ?? [];
  if (source === undefined) throw new Error(`The guide has no ${file}.`);
  return source;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

interface PlaywrightReport {
  readonly stats: { readonly expected: number; readonly unexpected: number };
}

describe("the tests of an app", () => {
  it("run with Vitest, the emulator as global set-up and signInAs, as the guide shows", async () => {
    for (const file of ["auth.js", "testing/reports.test.js"])
      expect(await readGuide(file)).not.toBe("");
    await writeFile(join(app.folder, "auth.js"), await readGuide("auth.js"));
    await writeFile(
      join(app.folder, "test/guide.test.js"),
      await readGuide("testing/reports.test.js"),
    );

    const output = await app.run("npx", [
      "vitest",
      "run",
      "--reporter=json",
      "--outputFile=report.json",
    ]);
    const report: VitestReport = JSON.parse(
      await readFile(join(app.folder, "report.json"), "utf8"),
    );

    expect(report, output).toMatchObject({
      numPassedTests: 5,
      numFailedTests: 0,
    });
  });

  it("run with Playwright, the emulator as web server and signInAs", async () => {
    const chromium = await app.run(process.execPath, [ensureChromium]);
    const authorityPort = await findFreePort();

    const output = await app.run(
      "npx",
      ["playwright", "test", "--reporter=json"],
      {
        CHROMIUM_PATH: chromium.trim(),
        PORT: String(await findFreePort()),
        ENTRA_AUTHORITY: `http://localhost:${authorityPort}`,
        CI: "1",
      },
    );
    const report: PlaywrightReport = JSON.parse(output);

    expect(report.stats, output).toMatchObject({ expected: 2, unexpected: 0 });
  });
});
