import { describe, expect, it } from "vitest";
import { isLoopbackHost } from "./loopback-host.js";

describe("isLoopbackHost", () => {
  it.each([
    ["localhost", true],
    ["127.0.0.1", true],
    ["127.100.200.254", true],
    ["[::1]", true],
    ["localhost.", false],
    ["127.0.0.1.nip.test", false],
    ["128.0.0.1", false],
    ["x.127.0.0.1", false],
    ["x127.0.0.1", false],
    ["[::ffff:127.0.0.1]", false],
  ])("returns for %s: %s", (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected);
  });
});
