// Faults that the fuzz run has found, as minimal requests.
import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FuzzResponse } from "../support/fuzz/responses.js";
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

/** Sends this text as Latin-1 over a new connection; closes it afterwards if the text is cut short. */
async function send(
  { server }: Site,
  text: string,
  isCutShort = false,
): Promise<FuzzResponse | undefined> {
  const { responses } = await exchange(server.port, [
    {
      area: "unclear",
      method: "GET",
      target: "/",
      bytes: Buffer.from(text, "latin1"),
      isBroken: true,
      isCutShort,
    },
  ]);
  return responses[0];
}

describe("a target or Host that is not a valid URL", () => {
  it.each([
    ["/trpc/auth.login", "[::1"],
    ["/trpc/auth.login", "a:b:c"],
    ["/trpc/auth.login", "\u00ff"],
    ["/trpc/auth.login", "user@localhost"],
    ["/trpc/auth.me?x=1", "x/y"],
    ["/auth/front-channel-logout?sid=a", "%"],
    ["/trpc\\auth.me", "localhost"],
    ["http://[::1/trpc/auth.me", "localhost"],
  ])("is refused with 400 and no-store: %s at %j", async (target, host) => {
    const response = await send(
      site,
      `GET ${target} HTTP/1.1\r\nhost: ${host}\r\nx-csrf: 1\r\n\r\n`,
    );

    expect(response?.status).toBe(400);
    expect(response?.headers.get("cache-control")).toBe("no-store");
    expect(response?.headers.get("x-content-type-options")).toBe("nosniff");
    expect(JSON.parse(response?.body ?? "")).toMatchObject({
      error: { data: { authCode: "invalid_request", httpStatus: 400 } },
    });
  });
});

describe("a cookie whose name is the session cookie's with a no-break space", () => {
  it("[K4] is not read as the session cookie, because other sites could have set it", async () => {
    const visitor = site.createVisitor();
    await visitor.signIn(ada.upn);
    const session = visitor.session() ?? "";
    const name = visitor.names.session;
    const ask = (cookie: string) =>
      send(
        site,
        `GET /trpc/auth.me HTTP/1.1\r\nhost: localhost\r\nx-csrf: 1\r\ncookie: ${cookie}\r\n\r\n`,
      );

    const responses = [
      await ask(`\u00a0${name}=${session}`),
      await ask(`${name}\u00a0=${session}`),
      await ask(`\u00a0${name}=x; ${name}=${session}`),
    ];

    const isSignedIn = responses.map((response) =>
      response?.body.includes(ada.upn),
    );
    expect(isSignedIn).toEqual([false, false, true]);
  });
});

describe("a client that disconnects within a body", () => {
  it("is not logged as a server error", async () => {
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

    // The output is complete after the exit.
    expect(await other.server.stop()).toBe(0);
    expect(findLogFaults(other.server.output())).toEqual([]);
  });
});
