import { demoApp } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Visitor } from "../../../../apps/server/test/support/visitor.js";
import { startRelyingParty } from "./support/relying-party.js";
import type { RelyingParty } from "./support/relying-party.js";
import {
  ada,
  isSignedIn,
  readCookie,
  replay,
  signIn,
  signInBesides,
} from "./support/visitors.js";

// The modules of the OpenID Foundation's relying-party plans for RP-initiated and front-channel logout.

let relyingParty: RelyingParty;

beforeAll(async () => {
  relyingParty = await startRelyingParty();
  relyingParty.emulator.updateApp(demoApp.clientId, {
    frontChannelLogoutUrl: `${relyingParty.origin}/auth/front-channel-logout`,
  });
});

afterAll(async () => {
  await relyingParty?.stop();
});

async function signOut(visitor: Visitor): Promise<URL> {
  return new URL((await visitor.mutate("auth.logout")).data.logoutUrl);
}

/** Loads the frames of the provider's page, as a browser does, without the app's cookies. */
async function loadFrames(visitor: Visitor, url: string): Promise<number> {
  const page = await (await visitor.browser.fetch(url)).text();
  const frames = [...page.matchAll(/<iframe\s+src="([^"]+)"/g)];
  for (const [, frame = ""] of frames) {
    const answer = await fetch(frame.replaceAll("&amp;", "&"));
    expect(answer.status).toBe(200);
  }
  return frames.length;
}

describe("[M22] oidcc-client-test-rp-init-logout", () => {
  it("[O1] rp-init-logout: ends the session before the browser navigates to the provider's sign-out", async () => {
    const visitor = await signIn(relyingParty);
    const cookie = readCookie(visitor);

    const url = await signOut(visitor);

    expect(await isSignedIn(replay(relyingParty, cookie))).toBe(false);
    expect(`${url.origin}${url.pathname}`).toBe(
      `${relyingParty.emulator.origin}/organizations/oauth2/v2.0/logout`,
    );
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: demoApp.clientId,
      post_logout_redirect_uri: `${relyingParty.origin}/`,
    });
    const page = await (await visitor.browser.fetch(url.href)).text();
    expect(page).toContain(`href="${relyingParty.origin}/"`);
    expect(await isSignedIn(visitor)).toBe(false);
  });
});

/** Expects that the page after the sign-out changes nothing. */
async function landAfterLogout(state: string | undefined): Promise<void> {
  const [visitor, other] = [
    await signIn(relyingParty),
    await signIn(relyingParty),
  ];
  await signOut(visitor);
  const pending = await visitor.reachCallback(ada.upn);
  const before = [...visitor.cookies()];
  const landing = new URL(relyingParty.origin);
  if (state !== undefined)
    landing.searchParams.set("state", state || String(pending["state"]));

  const page = await visitor.browser.fetch(landing.href);

  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toMatch(/^text\/html/);
  expect(page.headers.getSetCookie()).toEqual([]);
  expect([...visitor.cookies()]).toEqual(before);
  expect(await isSignedIn(visitor)).toBe(false);
  expect(await isSignedIn(other)).toBe(true);
  // The pending flow can still be completed.
  expect((await visitor.mutate("auth.callback", pending)).status).toBe(200);
}

describe("[M23] oidcc-client-test-rp-init-logout-no-state", () => {
  it("rp-init-logout-no-state: returns to the start page without a state, which does nothing", () =>
    landAfterLogout(undefined));
});

describe("[M24] oidcc-client-test-rp-init-logout-other-state", () => {
  it("rp-init-logout-other-state: returns to the start page with an unknown state, which does nothing", () =>
    landAfterLogout("unknown"));

  it("rp-init-logout-other-state: returns to the start page with the state of a flow, which does nothing", () =>
    landAfterLogout(""));
});

describe("[M25] oidcc-client-test-rp-frontchannel-rpinitlogout", () => {
  it("frontchannel-rp-initiated: after a sign-out here, the provider's frame ends the other sessions of this sid", async () => {
    const visitor = await signIn(relyingParty);
    const other = readCookie(visitor);
    await signInBesides(visitor);
    const own = readCookie(visitor);
    const bystander = await signIn(relyingParty);

    const url = await signOut(visitor);
    const between = [
      await isSignedIn(replay(relyingParty, own)),
      await isSignedIn(replay(relyingParty, other)),
    ];
    const frames = await loadFrames(visitor, url.href);

    expect(between).toEqual([false, true]);
    expect(frames).toBe(1);
    expect(await isSignedIn(replay(relyingParty, other))).toBe(false);
    expect(await isSignedIn(bystander)).toBe(true);
  });
});

describe("[M26] oidcc-client-test-rp-frontchannel-opinitlogout", () => {
  it("frontchannel-op-initiated: a sign-out at the provider ends the session here", async () => {
    const [visitor, bystander] = [
      await signIn(relyingParty),
      await signIn(relyingParty),
    ];
    const hinted = await signOut(await signIn(relyingParty));
    const url = new URL(hinted.pathname, hinted.origin);
    url.searchParams.set(
      "logout_hint",
      hinted.searchParams.get("logout_hint") ?? "",
    );

    const frames = await loadFrames(visitor, url.href);

    expect(frames).toBe(1);
    expect(await isSignedIn(visitor)).toBe(false);
    expect(await isSignedIn(bystander)).toBe(true);
  });
});
