import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { environmentVariables } from "@entrada/auth/environment";
import { describe, expect, it } from "vitest";
import { parseConfig, serverVariables } from "./config.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const allVariables = [...environmentVariables, ...serverVariables];
const proxyVariables = ["http_proxy", "https_proxy", "no_proxy"];

describe("parseConfig", () => {
  it.each([{}, { PORT: "", HOST: " ", LOG_LEVEL: "", STOP_DELAY_SECONDS: "" }])(
    "has a default for each variable that is absent or empty: %j",
    (environment) => {
      expect(parseConfig(environment)).toEqual({
        config: {
          port: 3000,
          host: "localhost",
          logLevel: "info",
          stopDelaySeconds: 0,
        },
        findings: [],
      });
    },
  );

  it("reads the variables", () => {
    const environment = {
      PORT: "0",
      HOST: "0.0.0.0",
      LOG_LEVEL: "silent",
      STOP_DELAY_SECONDS: "300",
    };

    expect(parseConfig(environment)).toEqual({
      config: {
        port: 0,
        host: "0.0.0.0",
        logLevel: "silent",
        stopDelaySeconds: 300,
      },
      findings: [],
    });
  });

  it.each([
    ["PORT", ["x", "-1", "65536", "3000.5", "1e3", "0x10", "٣", " 1"]],
    ["STOP_DELAY_SECONDS", ["301", "-1", "1s"]],
    ["LOG_LEVEL", ["loud", "INFO"]],
  ])("reports %s when it is malformed, naming it", (name, values) => {
    for (const value of values)
      expect(parseConfig({ [name]: value }).findings, value).toEqual([
        expect.stringMatching(new RegExp(`^${name} must be `)),
      ]);
  });
});

describe("the variables of the server and of the sign-in layer", () => {
  it("are all passed on by pnpm dev", () => {
    const turbo = JSON.parse(readFileSync(`${root}turbo.json`, "utf8"));
    const patterns: readonly string[] = [
      ...turbo.globalPassThroughEnv,
      ...turbo.tasks.dev.passThroughEnv,
    ];

    const isPassedOn = (name: string) =>
      patterns.some((pattern) =>
        new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(name),
      );

    expect(
      [...allVariables, ...proxyVariables].filter((name) => !isPassedOn(name)),
    ).toEqual([]);
  });

  it("are those of the README's table", () => {
    expect(
      allVariables.filter((name) => name !== "NODE_ENV").toSorted(),
    ).toEqual(readDocumentedVariables().toSorted());
  });
});

/** Reads the first column of the table under the heading Configuration. */
function readDocumentedVariables(): readonly string[] {
  const readme = readFileSync(`${root}README.md`, "utf8");
  const [, section = ""] = readme.split("\n## Configuration\n");
  const rows = (section.split("\n## ")[0] ?? "").split("\n");
  return rows
    .filter((row) => row.startsWith("| `"))
    .flatMap((row) => [...(row.split(" | ")[0] ?? "").matchAll(/`([^`]+)`/g)])
    .map(([, name = ""]) => name);
}
