// What the fuzz run has found, each in its smallest form.
import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FuzzAnswer } from "../support/fuzz/answers.js";
import { exchange } from "../support/fuzz/connection.js";
import { findLogFaults } from "../support/fuzz/findings.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";

const { ada } = builtInPeople;

let site: Site;

beforeAll(async () => {
  site = await startSite();
});

afterAll(async () => {
  await site?.stop();
});

/** Writes these bytes, Latin-1, on a connection of their own; if they are cut short, it then hangs up. */
async function send(
  { server }: Site,
  text: string,
  isCutShort = false,
): Promise<FuzzAnswer | undefined> {
  const { answers } = await exchange(server.port, [
    {
      area: "unclear",
      method: "GET",
      target: "/",
      bytes: Buffer.from(text, "latin1"),
      isBroken: true,
      isCutShort,
    },
  ]);
  return answers[0];
}

describe("an address or a Host that no URL can be made of", () => {
  it.each([
    ["/trpc/auth.login", "[::1"],
    ["/trpc/auth.login", "a:b:c"],
    ["/trpc/auth.login", "\u00ff"],
    ["/trpc/auth.login", "user@localhost"],
    ["/trpc/auth.me?x=1", "x/y"],
    ["/auth/front-channel-logout?sid=a", "%"],
    ["/trpc\\auth.me", "localhost"],
    ["http://[::1/trpc/auth.me", "localhost"],
  ])("is a bad request that no cache keeps: %s at %j", async (target, host) => {
    const answer = await send(
      site,
      `GET ${target} HTTP/1.1\r\nhost: ${host}\r\nx-csrf: 1\r\n\r\n`,
    );

    expect(answer?.status).toBe(400);
    expect(answer?.headers.get("cache-control")).toBe("no-store");
    expect(answer?.headers.get("x-content-type-options")).toBe("nosniff");
    expect(JSON.parse(answer?.body ?? "")).toMatchObject({
      error: { data: { authCode: "invalid_request", httpStatus: 400 } },
    });
  });
});

describe("a cookie that is named by a no-break space and then like ours", () => {
  it("[K4] starts no session, because other sites could have set it", async () => {
    const visitor = site.createVisitor();
    await visitor.signIn(ada.upn);
    const session = visitor.session() ?? "";
    const name = visitor.names.session;
    const ask = (cookie: string) =>
      send(
        site,
        `GET /trpc/auth.me HTTP/1.1\r\nhost: localhost\r\nx-csrf: 1\r\ncookie: ${cookie}\r\n\r\n`,
      );

    const answers = [
      await ask(`\u00a0${name}=${session}`),
      await ask(`${name}\u00a0=${session}`),
      await ask(`\u00a0${name}=x; ${name}=${session}`),
    ];

    const isSignedIn = answers.map((answer) => answer?.body.includes(ada.upn));
    expect(isSignedIn).toEqual([false, false, true]);
  });
});

describe("a client that leaves in the middle of a body", () => {
  it("is no failure of ours", async () => {
    const paths = [
      "/trpc/auth.login",
      "/trpc/auth.callback?batch=1",
      "/auth/back-channel-logout",
    ];
    const framings = ["transfer-encoding: chunked", "content-length: 100"];
    const other = await startSite({ emulator: site.emulator });

    for (const path of paths) {
      for (const framing of framings) {
        const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\nx-csrf: 1\r\ncontent-type: application/json\r\n${framing}\r\n\r\n`;
        await send(other, `${head}5\r\n{`, true);
      }
    }

    // What it wrote is complete when it has ended.
    expect(await other.server.stop()).toBe(0);
    expect(findLogFaults(other.server.output())).toEqual([]);
  });
});
