import { parseCallback } from "../core/sign-in/callback.js";
import { demoApp, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Auth } from "../core/auth.js";
import { createAuth } from "../core/create-auth.js";
import type { FlowRequest } from "../core/sign-in/flow.js";
import type { CompletedFlow } from "../core/sign-in/complete-flow.js";
import type { SignOutOptions } from "../core/options.js";
import { createMemoryStores } from "../testing/memory/stores.js";
import { createMsalClient } from "./msal-client.js";

const appUrl = "http://localhost:3000";

let emulator: EntraEmulator;

beforeAll(async () => {
  emulator = await startEntraEmulator();
});

afterEach(() => {
  emulator.control.clearFaults();
  emulator.control.autoSignIn(undefined);
});

afterAll(async () => {
  await emulator.close();
});

function open(signOut: SignOutOptions = {}, tenant = "organizations"): Auth {
  return createAuth({
    appUrl,
    identityClient: createMsalClient({
      authority: emulator.origin,
      tenant,
      clientId: demoApp.clientId,
      clientSecret: demoApp.clientSecret,
      redirectUri: `${appUrl}/auth/callback`,
    }),
    stores: createMemoryStores(),
    secrets: [new Uint8Array(32).fill(1)],
    signOut,
  });
}

async function signIn(
  auth: Auth,
  upn: string,
  request: FlowRequest = {},
): Promise<CompletedFlow> {
  const flow = await auth.initiateFlow(request);
  emulator.control.autoSignIn(upn);
  const response = await fetch(flow.authorizationUrl, { redirect: "manual" });
  const location = response.headers.get("location") ?? "";
  return auth.completeFlow({
    ...parseCallback(Object.fromEntries(new URL(location).searchParams)),
    browserToken: flow.browserToken,
  });
}

function readMaxAge(url: string): string | null {
  return new URL(url).searchParams.get("max_age");
}

describe("maxAgeSeconds", () => {
  it("is sent as max_age, and max_age is omitted without it", async () => {
    const auth = open();

    const asked = await auth.initiateFlow({ maxAgeSeconds: 0 });
    const plain = await auth.initiateFlow();

    expect(readMaxAge(asked.authorizationUrl)).toBe("0");
    expect(readMaxAge(plain.authorizationUrl)).toBeNull();
  });

  it("accepts a sign-in with a recent auth_time, and stores it", async () => {
    const auth = open();

    const active = await signIn(auth, "ada@contoso.com", {
      maxAgeSeconds: 600,
    });

    await expect(auth.requireFreshSignIn(active, 600)).resolves.toBeUndefined();
  });

  it("refuses a sign-in with an auth_time that is too old (auth_time with max_age)", async () => {
    emulator.control.setFault({
      type: "id_token_claims",
      set: { auth_time: Math.floor(Date.now() / 1000) - 3600 },
    });

    const signingIn = signIn(open(), "ada@contoso.com", { maxAgeSeconds: 600 });

    await expect(signingIn).rejects.toMatchObject({ code: "id_token_invalid" });
  });

  it("refuses a sign-in without auth_time, and names the missing optional claim", async () => {
    emulator.control.setFault({
      type: "id_token_claims",
      remove: ["auth_time"],
    });

    const signingIn = signIn(open(), "ada@contoso.com", { maxAgeSeconds: 600 });

    await expect(signingIn).rejects.toThrow(/add this optional claim/);
  });
});

describe("sendsIdTokenHint", () => {
  it.each([
    ["a member", "ada@contoso.com", "organizations"],
    ["a guest", "grace@fabrikam.com", "contoso.com"],
  ])("sends the ID token of %s", async (_, upn, tenant) => {
    const auth = open({ sendsIdTokenHint: true }, tenant);
    const { sessionToken, user } = await signIn(auth, upn);

    const url = new URL(await auth.endSession(sessionToken));

    const hint = decodeJwt(url.searchParams.get("id_token_hint") ?? "");
    expect(hint["oid"]).toBe(user.objectId);
    expect(hint["tid"]).toBe(user.tenantId);
  });

  it("[O6] sends a hint that the identity provider's sign-out accepts", async () => {
    const auth = open({ sendsIdTokenHint: true });
    const { sessionToken } = await signIn(auth, "ada@contoso.com");

    const response = await fetch(await auth.endSession(sessionToken), {
      redirect: "manual",
    });

    expect(response.status).toBeLessThan(400);
  });
});
