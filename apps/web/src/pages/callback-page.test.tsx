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
    ["the database is unavailable", new Refusal("store_unavailable", 503)],
    ["the server is unreachable", new TypeError("Failed to fetch")],
  ])("can be sent again without a new sign-in if %s", async (_, failure) => {
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

  it("shows that no new sign-in is needed if the flow is known to be pending", async () => {
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

  it("can be sent again after each failure", async () => {
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

  it("offers a new sign-in if the flow has expired meanwhile", async () => {
    const assign = vi.spyOn(window.location, "assign").mockReturnValue();
    const server = await showCallback(new Refusal("store_unavailable", 503));
    server.answers["auth.callback"] = new Refusal("flow_not_found", 400);

    await userEvent.click(await findButton("Try again"));
    await findTitle("That sign-in has expired");
    await userEvent.click(await findButton("Try again"));

    await waitFor(() => expect(assign).toHaveBeenCalledWith(authorizationUrl));
  });
});

describe("a callback that requires a further step", () => {
  it("starts a sign-in with the required claims on a click", async () => {
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

  it("offers no new sign-in while Microsoft throttles the account", async () => {
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

  it("offers a new sign-in after our own rate limit, and shows how long to wait", async () => {
    await showCallback(
      new Refusal("rate_limited", 429, { retryAfterSeconds: 42 }),
    );

    await findTitle("Too many attempts");
    screen.getByText("Wait 42 seconds, then try again.");
    await findButton("Try again");
  });
});

describe("the explanation of a callback", () => {
  it("shows that the organisation approved the service, without an error", async () => {
    await showCallback(new Refusal("admin_consent_returned", 400));

    await findTitle("Your organisation approved this service");
    await findButton("Sign in with Microsoft");
    expect(alerts()).toEqual([]);
    expect(screen.queryByText("Details for the developer")).toBeNull();
  });

  it("offers no sign-in to an administrator who is signed in", async () => {
    await showCallback(new Refusal("admin_consent_returned", 400), {
      user: ada,
      session,
    });

    await findTitle("Your organisation approved this service");
    await screen.findByRole("button", { name: /^Account menu/ });
    expect(screen.queryByText(/not signed in/)).toBeNull();
  });

  it("distinguishes an unknown organisation from an unavailable provider", async () => {
    await showCallback(
      new Refusal("tenant_not_found", 502, {
        provider: { error: "invalid_tenant", aadsts: "AADSTS90002" },
      }),
    );

    await findTitle("The organisation was not found");
    expect(screen.queryByText(/cannot be reached|did not answer/)).toBeNull();
  });

  it("does not mention a cancellation if a rule refused the user", async () => {
    await showCallback(
      new Refusal("authorization_denied", 403, {
        provider: { error: "access_denied", aadsts: "AADSTS50105" },
      }),
    );

    await findTitle("You have not been given access");
    expect(screen.queryByText(/cancel/i)).toBeNull();
  });

  it("names the server's clock as the cause, and not the visitor's device", async () => {
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
