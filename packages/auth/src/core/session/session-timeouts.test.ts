import { describe, expect, it } from "vitest";
import { aal1, aal2, aal3 } from "./session-timeouts.js";

describe("session timeouts", () => {
  it.each([
    ["aal1", aal1, { idle: 2_592_000, absolute: 2_592_000 }],
    ["aal2", aal2, { idle: 3_600, absolute: 86_400 }],
    ["aal3", aal3, { idle: 900, absolute: 43_200 }],
  ])(
    "[S11] %s has the longest timeouts that NIST SP 800-63B-4 allows",
    (_, preset, longest) => {
      expect(preset).toEqual({
        idleTimeoutSeconds: longest.idle,
        absoluteTimeoutSeconds: longest.absolute,
      });
    },
  );
});
