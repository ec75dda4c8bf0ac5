import { describe, expect, it } from "vitest";
import { DEFAULT_PORT, parseCliOptions } from "./cli-options.js";

describe("parseCliOptions", () => {
  it("takes the port from ENTRA_EMULATOR_PORT, unless Kubernetes has set it for a service of that name", () => {
    const readPort = (text: string) =>
      parseCliOptions([], { ENTRA_EMULATOR_PORT: text });

    expect(readPort("5280")).toMatchObject({ port: 5280 });
    expect(readPort("tcp://10.0.0.1:5180")).toMatchObject({
      port: DEFAULT_PORT,
    });
  });
});
