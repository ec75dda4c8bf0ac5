import { screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import {
  ada,
  callsOf,
  createFakeServer,
  Refusal,
  session,
} from "../../test/fake-server.js";
import type { FakeServer } from "../../test/fake-server.js";
import { showApp } from "../../test/show-app.js";

const { origin } = window.location;
const authorizationUrl = "https://login.test/authorize";
const parameters = { code: "c", state: "s" };

describe("a callback that did not reach the flow", () => {
  it.each([
    ["the database does not answer", new Refusal("store_unavailable", 503)],
    ["the server does not answer", new TypeError("Failed to fetch")],
  ])("is sent again, without a new sign-in, where %s", async (_, failure) => {
    const replace = vi.spyOn(window.location, "replace").mockReturnValue();
    const server = await showCallback(failure);
    await findButton("Try again");
    server.answers["auth.callback"] = completed;

    await userEvent.click(await findButton("Try again"));

    await waitFor(() =>
      expect(replace).toHaveBeenCalledExactlyOnceWith(completed.returnUrl),
    );
    expect(callsOf(server, "auth.callback")).toEqual([parameters, parameters]);
    expect(callsOf(server, "auth.login")).toEqual([]);
  });

  it("says that no other sign-in is needed only where the flow is known to wait", async () => {
    await showCallback(new Refusal("store_unavailable", 503));

    await screen.findByText("You do not have to sign in at Microsoft again.");
  });

  it("[F40] stays out of the address bar while it can be sent again", async () => {
    await showCallback(new Refusal("store_unavailable", 503));
    await findButton("Try again");

    expect(window.location.href).toBe(`${origin}/auth/callback`);
  });

  it("is sent once for several clicks", async () => {
    const server = await showCallback(new Refusal("store_unavailable", 503));
    delete server.answers["auth.callback"];

    await userEvent.click(await findButton("Try again"));
    await userEvent.click(await findButton("Trying again…"));

    expect(callsOf(server, "auth.callback")).toHaveLength(2);
  });

  it("can be sent as often as it fails", async () => {
    const server = await showCallback(new Refusal("store_unavailable", 503));

    await userEvent.click(await findButton("Try again"));
    await waitFor(() =>
      expect(callsOf(server, "auth.callback")).toHaveLength(2),
    );
    await userEvent.click(await findButton("Try again"));

    await waitFor(() =>
      expect(callsOf(server, "auth.callback")).toHaveLength(3),
    );
  });

  it("leads to a new sign-in where the flow has expired meanwhile", async () => {
    const assign = vi.spyOn(window.location, "assign").mockReturnValue();
    const server = await showCallback(new Refusal("store_unavailable", 503));
    server.answers["auth.callback"] = new Refusal("flow_not_found", 400);

    await userEvent.click(await findButton("Try again"));
    await findTitle("That sign-in has expired");
    await userEvent.click(await findButton("Try again"));

    await waitFor(() => expect(assign).toHaveBeenCalledWith(authorizationUrl));
  });
});

describe("a callback that the provider answered with more to do", () => {
  it("signs in with the claims that a policy asked for, on a click", async () => {
    const assign = vi.spyOn(window.location, "assign").mockReturnValue();
    const claims = '{"access_token":{"capolids":{"essential":true}}}';
    const server = await showCallback(
      new Refusal("interaction_required", 401, { claims }),
    );
    const button = await findButton("Continue");
    const before = callsOf(server, "auth.login");

    await userEvent.click(button);

    await waitFor(() => expect(assign).toHaveBeenCalledWith(authorizationUrl));
    expect(before).toEqual([]);
    expect(callsOf(server, "auth.login")).toEqual([
      { returnUrl: `${origin}/`, claims },
    ]);
  });

  it("offers no new sign-in while Microsoft refuses them all", async () => {
    await showCallback(
      new Refusal("rate_limited", 429, {
        provider: { error: "invalid_grant", aadsts: "AADSTS50196" },
        retryAfterSeconds: 300,
      }),
    );

    await findTitle("Microsoft asks you to wait");
    screen.getByText("Wait 5 minutes, then sign in from the start page.");
    expect(screen.queryByRole("button", { name: /try|sign in/i })).toBeNull();
    screen.getByRole("link", { name: "Go to the start page" });
  });

  it("offers a new sign-in after our own limit, and says how long to wait", async () => {
    await showCallback(
      new Refusal("rate_limited", 429, { retryAfterSeconds: 42 }),
    );

    await findTitle("Too many attempts");
    screen.getByText("Wait 42 seconds, then try again.");
    await findButton("Try again");
  });
});

describe("a callback that is told apart from similar ones", () => {
  it("says that the organisation approved the service, and not that something failed", async () => {
    await showCallback(new Refusal("admin_consent_returned", 400));

    await findTitle("Your organisation approved this service");
    await findButton("Sign in with Microsoft");
    expect(alerts()).toEqual([]);
    expect(screen.queryByText("Details for the developer")).toBeNull();
  });

  it("offers no sign-in to an administrator who is signed in already", async () => {
    await showCallback(new Refusal("admin_consent_returned", 400), {
      user: ada,
      session,
    });

    await findTitle("Your organisation approved this service");
    await screen.findByRole("button", { name: /^Account menu/ });
    expect(screen.queryByText(/not signed in/)).toBeNull();
  });

  it("tells an organisation that does not exist from a provider that is down", async () => {
    await showCallback(
      new Refusal("tenant_not_found", 502, {
        provider: { error: "invalid_tenant", aadsts: "AADSTS90002" },
      }),
    );

    await findTitle("The organisation was not found");
    expect(screen.queryByText(/cannot be reached|did not answer/)).toBeNull();
  });

  it("does not tell people that they cancelled when a rule refused them", async () => {
    await showCallback(
      new Refusal("authorization_denied", 403, {
        provider: { error: "access_denied", aadsts: "AADSTS50105" },
      }),
    );

    await findTitle("You have not been given access");
    expect(screen.queryByText(/cancel/i)).toBeNull();
  });

  it("blames the server's clock, and never the visitor's device", async () => {
    const refusal = new Refusal("id_token_invalid", 502);
    Object.assign(refusal.error, {
      message: "The ID token has expired: the server's clock is ahead.",
    });
    await showCallback(refusal);

    await findTitle("The clock of this service is wrong");
    screen.getByText(/Your device is not the cause/);
  });
});

const completed = {
  user: ada,
  isNewUser: false,
  returnUrl: `${origin}/workspace?tab=notice#top`,
};

async function showCallback(
  failure: Refusal | Error,
  present: object | null = null,
): Promise<FakeServer> {
  const server = createFakeServer({
    "auth.me": present,
    "auth.callback": failure,
    "auth.login": { authorizationUrl },
  });
  await showApp("/auth/callback?code=c&state=s", server);
  return server;
}

function findButton(name: string): Promise<HTMLElement> {
  return screen.findByRole("button", { name });
}

function findTitle(name: string): Promise<HTMLElement> {
  return screen.findByRole("heading", { level: 1, name });
}

function alerts(): string[] {
  return screen
    .queryAllByRole("alert")
    .map(({ textContent }) => textContent ?? "")
    .filter((text) => text !== "");
}
