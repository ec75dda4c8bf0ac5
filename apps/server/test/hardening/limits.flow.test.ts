import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtInPeople, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withDatabase } from "../support/database-file.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type { Visitor } from "../support/visitor.js";

const { ada } = builtInPeople;

let emulator: EntraEmulator;
/** Permits two sign-ins and two callbacks per minute and address, behind a proxy on this machine. */
let limited: Site;

const limitOfTwo = {
  SIGN_IN_RATE_PER_MINUTE: "2",
  TRUSTED_PROXIES: "127.0.0.1,::1",
};

beforeAll(async () => {
  emulator = await startEntraEmulator();
  limited = await startSite({ emulator, environment: limitOfTwo });
});

afterAll(async () => {
  await limited?.stop();
  await emulator?.close();
});

function visitFrom(site: Site, forwardedFor: string): Visitor {
  return site.createVisitor({ headers: { "x-forwarded-for": forwardedFor } });
}

/** Starts a sign-in from each address in turn, and returns the statuses. */
async function startFrom(
  site: Site,
  addresses: readonly string[],
): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (const address of addresses) {
    const response = await visitFrom(site, address).mutate("auth.login", {});
    statuses.push(response.status);
  }
  return statuses;
}

describe("the rate limit", () => {
  it("[R16] refuses further sign-ins with the time to wait", async () => {
    const visitor = visitFrom(limited, "198.51.100.1");
    await visitor.mutate("auth.login", {});
    await visitor.mutate("auth.login", {});

    const refused = await visitor.mutate("auth.login", {});

    const seconds = refused.error?.data.retryAfterSeconds ?? 0;
    expect(refused).toMatchObject({
      status: 429,
      error: { data: { authCode: "rate_limited", httpStatus: 429 } },
    });
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(refused.headers.get("retry-after")).toBe(String(seconds));
    expect(refused.error?.message).toMatch(
      /^Too many sign-ins from this address\. Try again in \d+ seconds?\.$/,
    );
    expect(refused.headers.getSetCookie()).toEqual([]);
  });

  it("[R16] counts every sign-in of a batch", async () => {
    const { browser } = visitFrom(limited, "198.51.100.2");

    const response = await browser.fetch(
      `${limited.origin}/trpc/auth.login,auth.login,auth.login?batch=1`,
      {
        method: "POST",
        headers: {
          "x-csrf": "1",
          "content-type": "application/json",
          "x-forwarded-for": "198.51.100.2",
        },
        body: '{"0":{},"1":{},"2":{}}',
      },
    );

    const results = await response.text();
    expect(results.match(/"authorizationUrl"/g)).toHaveLength(2);
    expect(results.match(/"rate_limited"/g)).toHaveLength(1);
  });

  it("[R17] counts callbacks without a flow separately from sign-ins, and does not refuse callbacks with a flow", async () => {
    const visitor = visitFrom(limited, "198.51.100.3");
    const query = await visitor.reachCallback(ada.upn);
    const lost = { state: "s".repeat(43), code: "c" };
    await visitor.mutate("auth.callback", lost);
    await visitor.mutate("auth.callback", lost);

    const refused = await visitor.mutate("auth.callback", lost);
    const own = await visitor.mutate("auth.callback", query);

    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect(own.status).toBe(200);
    expect((await visitor.mutate("auth.login", {})).status).toBe(200);
  });

  it("does not affect other requests", async () => {
    const visitor = visitFrom(limited, "198.51.100.4");
    await visitor.signIn(ada.upn);

    for (let count = 0; count < 5; count++)
      expect((await visitor.query("auth.me")).data).not.toBeNull();
    expect((await visitor.mutate("auth.logout")).status).toBe(200);
  });
});

describe("the counters of the rate limit", () => {
  it("survive a restart of the server", async () => {
    const folder = await mkdtemp(join(tmpdir(), "entrada-limits-"));
    const options = {
      emulator,
      environment: limitOfTwo,
      databasePath: join(folder, "entrada.db"),
    };
    const [one, other] = ["198.51.100.31", "198.51.100.32"];

    const first = await startSite(options);
    const before = await startFrom(first, [one, one, other]);
    await first.stop();
    const next = await startSite(options);
    const after = await startFrom(next, [one, other, other]);
    await next.stop();
    await rm(folder, { recursive: true, force: true });

    expect(before).toEqual([200, 200, 200]);
    expect(after).toEqual([429, 200, 429]);
  });

  it("refuse every sign-in while the database cannot be written", async () => {
    const [limitedAddress, newAddress] = ["198.51.100.33", "198.51.100.34"];
    await startFrom(limited, [limitedAddress, limitedAddress]);
    const other = new Database(limited.server.databasePath);
    other.exec("BEGIN IMMEDIATE");

    const refused = await visitFrom(limited, limitedAddress).mutate(
      "auth.login",
      {},
    );
    const unavailable = await visitFrom(limited, newAddress).mutate(
      "auth.login",
      {},
    );
    other.exec("ROLLBACK");
    other.close();

    for (const response of [refused, unavailable])
      expect(response).toMatchObject({
        status: 503,
        error: { data: { authCode: "store_unavailable" } },
      });
    expect(
      await startFrom(limited, [newAddress, newAddress, newAddress]),
    ).toEqual([200, 200, 429]);
  });

  it("have one row for each address and action, with these as the key", async () => {
    await startFrom(limited, ["198.51.100.35", "2001:db8:35:1::9"]);

    const keys = withDatabase(limited.server.databasePath, (database) =>
      database
        .prepare<[], string>(
          "SELECT key FROM auth_rate_limit WHERE key LIKE '%35%'",
        )
        .pluck()
        .all(),
    );

    expect(keys.toSorted()).toEqual([
      "login:198.51.100.35",
      "login:2001:db8:35:1::/64",
    ]);
  });
});

describe("X-Forwarded-For", () => {
  it("[R14] is ignored by default, and an address may start a hundred sign-ins", async () => {
    const site = await startSite({
      emulator,
      environment: { SIGN_IN_RATE_PER_MINUTE: "" },
    });
    try {
      const starts = Array.from({ length: 105 }, (_, index) =>
        visitFrom(site, `198.51.100.${index}`).mutate("auth.login", {}),
      );

      const statuses = (await Promise.all(starts)).map(({ status }) => status);

      expect(statuses.filter((status) => status === 200)).toHaveLength(100);
      expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    } finally {
      await site.stop();
    }
  });

  it("[R14] is ignored from an untrusted peer, even if it names a trusted proxy", async () => {
    const site = await startSite({
      emulator,
      environment: {
        SIGN_IN_RATE_PER_MINUTE: "1",
        TRUSTED_PROXIES: "192.0.2.0/24",
      },
    });
    try {
      expect(
        await startFrom(site, [
          "198.51.100.1, 192.0.2.1",
          "198.51.100.2, 192.0.2.1",
        ]),
      ).toEqual([200, 429]);
    } finally {
      await site.stop();
    }
  });

  it("distinguishes visitors if a trusted proxy sent it", async () => {
    const [one, other] = ["198.51.100.11", "198.51.100.12"];

    expect(await startFrom(limited, [one, one, one, other])).toEqual([
      200, 200, 429, 200,
    ]);
  });

  it("[R14] is read from the right up to the first untrusted address, so that entries of the visitor are ignored", async () => {
    expect(
      await startFrom(limited, [
        "203.0.113.1, 198.51.100.21",
        "203.0.113.2, 198.51.100.21",
        "203.0.113.3, 198.51.100.21",
        "127.0.0.1, 198.51.100.21, ::1",
      ]),
    ).toEqual([200, 200, 429, 429]);
  });

  it("is normalised: all notations of an IPv4 address count as one address", async () => {
    expect(
      await startFrom(limited, [
        "198.51.100.41",
        "::ffff:198.51.100.41",
        "[64:ff9b::198.51.100.41]:51234",
        "64:ff9b::198.51.100.42",
      ]),
    ).toEqual([200, 200, 429, 200]);
  });

  it("[R19] is counted by IPv6 prefix: a /64 counts as one address", async () => {
    expect(
      await startFrom(limited, [
        "2001:db8:1:2::1",
        "2001:db8:1:2:3::1",
        "2001:db8:1:2:ffff::9",
        "2001:db8:1:3::1",
      ]),
    ).toEqual([200, 200, 429, 200]);
  });
});
