import { startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";

let emulator: EntraEmulator;
let site: Site | undefined;

beforeAll(async () => {
  emulator = await startEntraEmulator();
});

afterEach(async () => {
  await site?.stop();
  site = undefined;
});

afterAll(async () => {
  await emulator?.close();
});

/** Stops the server, so that its output is complete, and returns the log lines with this message. */
async function readLines(
  { server }: Site,
  message: string,
): Promise<readonly Record<string, unknown>[]> {
  await server.stop();
  return server
    .output()
    .split("\n")
    .filter((line) => line.includes(`"msg":"${message}"`))
    .map((line) => JSON.parse(line));
}

/** Sends the requests of a page load with `X-Forwarded-For`, as a proxy does. They are not rate limited. */
async function sendForwarded({ origin }: Site): Promise<void> {
  const headers = {
    "x-forwarded-for": "203.0.113.7",
    "x-csrf": "1",
    "sec-fetch-site": "same-origin",
  };
  for (const path of ["/trpc/auth.me", "/"])
    await fetch(`${origin}${path}`, { headers });
}

describe("a request with X-Forwarded-For", () => {
  it("[R40] is logged once per process, with the variable and the peer's address, if the peer is not a trusted proxy", async () => {
    site = await startSite({
      emulator,
      environment: { TRUSTED_PROXIES: "192.0.2.0/24" },
    });

    await fetch(`${site.origin}/`);
    await sendForwarded(site);
    await sendForwarded(site);

    expect(await readLines(site, "proxy.untrusted")).toEqual([
      expect.objectContaining({
        level: 40,
        variable: "TRUSTED_PROXIES",
        peerAddress: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
        remedy: expect.stringContaining("add it to TRUSTED_PROXIES"),
      }),
    ]);
  });

  it("is not logged if TRUSTED_PROXIES is private and the peer has a private address", async () => {
    site = await startSite({
      emulator,
      environment: { TRUSTED_PROXIES: "private" },
    });

    await sendForwarded(site);

    expect(await readLines(site, "proxy.untrusted")).toEqual([]);
  });
});

describe("a request over the rate limit", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.8", "203.0.113.8"],
    ["2001:db8:1:2:3::4", "2001:db8:1:2::/64"],
  ])(
    "[R40] is logged with the address that was counted: %s",
    async (from, address) => {
      site = await startSite({
        emulator,
        environment: {
          TRUSTED_PROXIES: "private",
          SIGN_IN_RATE_PER_MINUTE: "1",
        },
      });
      const visitor = site.createVisitor({
        headers: { "x-forwarded-for": from },
      });

      await visitor.mutate("auth.login", {});
      const refused = await visitor.mutate("auth.login", {});

      expect(refused.status).toBe(429);
      expect(await readLines(site, "request.refused")).toEqual([
        expect.objectContaining({
          code: "rate_limited",
          action: "login",
          address,
        }),
      ]);
    },
  );

  it("is logged with the address at the front-channel sign-out", async () => {
    site = await startSite({
      emulator,
      environment: { SIGN_IN_RATE_PER_MINUTE: "1" },
    });
    const url = `${site.origin}/auth/front-channel-logout?sid=unknown`;

    const statuses: number[] = [];
    for (let count = 0; count < 3; count += 1)
      statuses.push((await fetch(url)).status);

    expect(statuses).toContain(429);
    expect(await readLines(site, "request.refused")).toContainEqual(
      expect.objectContaining({
        code: "rate_limited",
        action: "channel_logout",
        address: expect.stringMatching(/^(127\.0\.0\.1|0:0:0:0::\/64)$/),
      }),
    );
  });
});
