import { describe, expect, it } from "vitest";
import { DEFAULT_PORT, parseCliOptions } from "./cli-options.js";

function readOptions(port: string) {
  return parseCliOptions([], { ENTRA_EMULATOR_PORT: port });
}

describe("parseCliOptions", () => {
  it("reads the port from ENTRA_EMULATOR_PORT and ignores the URL that Kubernetes sets for a service of that name", () => {
    expect(readOptions("5280")).toMatchObject({ port: 5280 });
    expect(readOptions("tcp://10.0.0.1:5180")).toMatchObject({
      port: DEFAULT_PORT,
    });
  });
});
