import { createServer } from "node:http";
import { once } from "node:events";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { describe, expect, it } from "vitest";
import { openBrowser } from "./support/browser.js";
import {
  answerOf,
  authorizeUrl,
  claimsOf,
  pick,
  redeem,
  signIn,
} from "./support/relying-party.js";
import { demoApp, useEmulator } from "./support/test-emulator.js";

const emulator = useEmulator();

async function control(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${emulator().origin}/_emulator/${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

describe("control endpoint", () => {
  it("signs a person in at the next authorization request only", async () => {
    await control("POST", "auto-sign-in", { upn: "nora@contoso.com" });

    const next = answerOf(await openBrowser().get(authorizeUrl(emulator())));
    const following = await openBrowser().get(authorizeUrl(emulator()));

    expect(
      claimsOf(await redeem(emulator(), next.code)).preferred_username,
    ).toBe("nora@contoso.com");
    expect(following.body).toContain("Pick an account");
  });

  it("sets, lists and clears faults, and refuses an invalid one", async () => {
    const set = await control("POST", "faults", {
      type: "id_token_claims",
      set: { aud: "wrong" },
    });
    const listed = await (await control("GET", "faults")).json();
    const wrong = await control("POST", "faults", { type: "id_token_claim" });
    const claims = claimsOf(await signIn(emulator(), "ada@contoso.com"));
    await control("DELETE", "faults");

    expect(set.status).toBe(200);
    expect(listed).toEqual({
      faults: [{ type: "id_token_claims", set: { aud: "wrong" } }],
    });
    expect(wrong.status).toBe(400);
    expect(claims.aud).toBe("wrong");
    expect(emulator().control.faults).toEqual([]);
  });

  it("advances the clock, rotates keys and lists the requests", async () => {
    const clock = await (
      await control("POST", "clock", { seconds: 60 })
    ).json();
    await control("POST", "clock", { seconds: -60 });
    const rotated = await (await control("POST", "keys/rotate", {})).json();
    await signIn(emulator(), "ada@contoso.com");
    const requests = await (
      await control("GET", "requests?endpoint=token")
    ).json();

    expect(clock).toEqual({ now: "2026-05-04T10:01:00.000Z" });
    expect(rotated).toEqual({ kid: expect.stringMatching(/^[\w-]{27}$/) });
    const request = {
      method: "POST",
      status: 200,
      form: { grant_type: "authorization_code" },
    };
    expect(requests).toMatchObject({ requests: [request] });
  });

  it("registers apps and people", async () => {
    const app = {
      clientId: "00000000-0000-4000-8000-0000000000aa",
      redirectUris: ["http://localhost/new"],
    };
    const home = {
      tenantId: "0c0a7050-1111-4c0a-8c0a-c0470500c0a0",
      objectId: "00000000-0000-4000-8000-0000000000bb",
    };
    await control("PUT", "apps", app);
    await control("PUT", "people", {
      upn: "zoe@contoso.com",
      name: "Zoe",
      home,
    });

    const request = {
      client_id: app.clientId,
      redirect_uri: "http://localhost:4000/new",
    };
    const visit = await pick(emulator(), "zoe@contoso.com", request);

    expect(answerOf(visit).code).toBeDefined();
  });

  it("ends the sessions of all browsers", async () => {
    const browser = openBrowser();
    await pick(emulator(), "ada@contoso.com", {}, { browser });
    await control("POST", "sign-out-everywhere", { upn: "ada@contoso.com" });

    const silent = await browser.get(
      authorizeUrl(emulator(), { prompt: "none" }),
    );

    expect(answerOf(silent).error).toBe("login_required");
  });

  it("refuses requests that a page of another site can send", async () => {
    const simple = await fetch(`${emulator().origin}/_emulator/clock`, {
      method: "POST",
      body: '{"seconds":9}',
    });
    const crossSite = await control(
      "POST",
      "clock",
      { seconds: 9 },
      { "sec-fetch-site": "cross-site" },
    );
    const sameSite = await control(
      "POST",
      "clock",
      { seconds: 9 },
      { "sec-fetch-site": "same-site" },
    );
    const read = await fetch(`${emulator().origin}/_emulator/directory`);

    expect(
      [simple, crossSite, sameSite, read].map(({ status }) => status),
    ).toEqual([403, 403, 403, 403]);
    expect((await control("GET", "directory")).status).toBe(200);
  });

  it("serves loopback host names only", async () => {
    const status = await requestWithHost("evil.example");

    expect(status).toBe(421);
  });
});

describe("logout tokens", () => {
  it("are created in every variant", async () => {
    const request = {
      clientId: demoApp.clientId,
      upn: "ada@contoso.com",
      sid: "sid-1",
    };
    const valid = await emulator().control.createLogoutToken(request);
    const noEvent = decodeJwt(
      await emulator().control.createLogoutToken({
        ...request,
        variant: "no_event",
      }),
    );
    const withNonce = decodeJwt(
      await emulator().control.createLogoutToken({
        ...request,
        variant: "with_nonce",
      }),
    );
    const none = await emulator().control.createLogoutToken({
      ...request,
      variant: "alg_none",
    });

    expect(decodeJwt(valid)).toMatchObject({
      aud: demoApp.clientId,
      sid: "sid-1",
      events: { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    expect(noEvent).not.toHaveProperty("events");
    expect(withNonce).toHaveProperty("nonce");
    expect(decodeProtectedHeader(none).alg).toBe("none");
  });

  it("are posted to loopback addresses only", async () => {
    const server = createServer((request, response) => {
      request
        .setEncoding("utf8")
        .on("data", (text: string) => response.end(text.slice(0, 13)));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port =
      typeof address === "object" && address !== null ? address.port : 0;
    const request = { clientId: demoApp.clientId, upn: "ada@contoso.com" };

    const answer = await control("POST", "logout-token", {
      ...request,
      url: `http://127.0.0.1:${port}/`,
    });
    const refused = await control("POST", "logout-token", {
      ...request,
      url: "https://app.example/",
    });
    server.close();

    expect(await answer.json()).toEqual({ status: 200, body: "logout_token=" });
    expect(refused.status).toBe(400);
  });
});

async function requestWithHost(host: string): Promise<number | undefined> {
  const { request } = await import("node:http");
  const path = "/common/discovery/v2.0/keys";
  const sent = request({
    host: "127.0.0.1",
    port: emulator().port,
    path,
    headers: { host },
  }).end();
  const [response] = await once(sent, "response");
  response.resume();
  return response.statusCode;
}
