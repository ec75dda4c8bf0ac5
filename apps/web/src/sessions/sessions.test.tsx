import { screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import {
  ada,
  callsOf,
  createFakeServer,
  ownSession,
  Refusal,
  session,
} from "../../test/fake-server.js";
import type { FakeServer } from "../../test/fake-server.js";
import { showApp } from "../../test/show-app.js";

const phone = {
  ...ownSession,
  id: "session-2",
  userAgent:
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
  isCurrent: false,
};
const unknown = {
  ...ownSession,
  id: "session-3",
  userAgent: null,
  isCurrent: false,
};

describe("the list of sessions", () => {
  it("names the browsers, the current one first", async () => {
    await showAccount();

    const names = await screen.findAllByRole("heading", { level: 3 });
    expect(names.map(({ textContent }) => textContent)).toEqual([
      "Firefox on Linux",
      "Safari on iPhone",
      "Unknown browser",
    ]);
    const [here] = screen.getAllByRole("listitem").filter(isSession);
    within(here ?? document.body).getByText("This browser");
    expect(findEndButtons()).toHaveLength(2);
  });

  it("offers to try again if it cannot be loaded", async () => {
    const server = await showAccount({
      "auth.sessions.list": new Refusal("rate_limited", 429),
    });
    const tryAgain = await screen.findByRole("button", { name: "Try again" });
    server.answers["auth.sessions.list"] = [ownSession];

    await userEvent.click(tryAgain);

    await screen.findByText("This browser");
  });
});

describe("ending a session", () => {
  it("asks for confirmation, then announces the result and removes the session from the list", async () => {
    const server = await showAccount({
      "auth.sessions.revoke": { sessionId: "session-2" },
    });
    const dialog = await askToEndThePhone();
    within(dialog).getByText(/^Safari on iPhone will be signed out at once/);
    expect(callsOf(server, "auth.sessions.revoke")).toEqual([]);
    server.answers["auth.sessions.list"] = [ownSession, unknown];

    await goAhead(dialog);

    const outcome = await screen.findByText("Safari on iPhone is signed out.");
    expect(outcome.closest("[aria-live=polite]")).not.toBeNull();
    expect(callsOf(server, "auth.sessions.revoke")).toEqual([
      { sessionId: "session-2" },
    ]);
    expect(screen.queryByRole("heading", { name: "Safari on iPhone" })).toBe(
      null,
    );
    await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
  });

  it("sends nothing if it is cancelled", async () => {
    const server = await showAccount();
    const dialog = await askToEndThePhone();

    await userEvent.click(
      within(dialog).getByRole("button", { name: "Cancel" }),
    );

    await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
    expect(callsOf(server, "auth.sessions.revoke")).toEqual([]);
  });

  it("shows the progress and cannot be cancelled meanwhile", async () => {
    const server = await showAccount();
    const dialog = await askToEndThePhone();

    await goAhead(dialog);
    const working = await within(dialog).findByRole("button", {
      name: "Ending…",
    });
    await userEvent.click(working);
    await userEvent.keyboard("{Escape}");

    expect(screen.getByRole("alertdialog")).toBe(dialog);
    expect(callsOf(server, "auth.sessions.revoke")).toHaveLength(1);
  });

  it("reports a session that had already ended without an error", async () => {
    const server = await showAccount({
      "auth.sessions.revoke": new Refusal("session_not_found", 404),
    });
    const dialog = await askToEndThePhone();
    server.answers["auth.sessions.list"] = [ownSession];

    await goAhead(dialog);

    await screen.findByText(
      /^The session of Safari on iPhone had already ended/,
    );
    await waitFor(() => expect(findEndButtons()).toEqual([]));
  });

  it("shows why it failed and can be tried again", async () => {
    const server = await showAccount({
      "auth.sessions.revoke": new Refusal("store_unavailable", 503),
    });
    const dialog = await askToEndThePhone();
    await goAhead(dialog);
    await within(dialog).findByText(/Our own storage is not answering/);
    server.answers["auth.sessions.revoke"] = { sessionId: "session-2" };

    await goAhead(dialog);

    await screen.findByText("Safari on iPhone is signed out.");
  });

  it("shows the sign-in if the current session has ended", async () => {
    const server = await showAccount({
      "auth.sessions.revoke": new Refusal("not_signed_in", 401),
    });
    const dialog = await askToEndThePhone();
    server.answers["auth.me"] = null;

    await goAhead(dialog);

    await screen.findByRole("heading", { name: "Sign in to continue" });
  });
});

describe("ending a session that requires a recent sign-in", () => {
  const refusal = new Refusal("fresh_sign_in_required", 401, {
    maxAgeSeconds: 600,
  });
  const authorizationUrl = "https://login.test/authorize";

  it("starts a sign-in with the maximum age that the server requires", async () => {
    const assign = vi.spyOn(window.location, "assign").mockReturnValue();
    const server = await showAccount({
      "auth.sessions.revoke": refusal,
      "auth.login": { authorizationUrl },
    });
    const dialog = await askToEndThePhone();
    await goAhead(dialog);
    await within(dialog).findByText(/yours was longer ago/);

    await userEvent.click(
      within(dialog).getByRole("button", { name: "Sign in again" }),
    );

    await waitFor(() => expect(assign).toHaveBeenCalledWith(authorizationUrl));
    expect(callsOf(server, "auth.login")).toEqual([
      {
        returnUrl: `${window.location.origin}/account`,
        maxAgeSeconds: 600,
        loginHint: ada.preferredUsername,
      },
    ]);
  });

  it("starts a sign-in with the claims that a policy requires", async () => {
    const assign = vi.spyOn(window.location, "assign").mockReturnValue();
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    const server = await showAccount({
      "auth.sessions.revoke": new Refusal("interaction_required", 401, {
        claims,
      }),
      "auth.login": { authorizationUrl },
    });
    const dialog = await askToEndThePhone();
    await goAhead(dialog);

    await userEvent.click(
      await within(dialog).findByRole("button", { name: "Continue" }),
    );

    await waitFor(() => expect(assign).toHaveBeenCalledWith(authorizationUrl));
    expect(callsOf(server, "auth.login")).toMatchObject([{ claims }]);
  });

  it("is offered again after the sign-in and needs confirmation", async () => {
    rememberPending();
    const server = await showAccount({
      "auth.sessions.revoke": { sessionId: "session-2" },
    });
    const dialog = await screen.findByRole("alertdialog");
    within(dialog).getByText(/You have signed in again/);
    expect(callsOf(server, "auth.sessions.revoke")).toEqual([]);

    await goAhead(dialog);

    await screen.findByText("Safari on iPhone is signed out.");
  });

  it("is offered again only once", async () => {
    rememberPending();
    await showAccount();

    await screen.findByRole("alertdialog");

    expect(window.sessionStorage.getItem("entrada.pending-action")).toBeNull();
  });
});

describe("signing out everywhere", () => {
  it("asks for confirmation, then ends all sessions and navigates to the identity provider", async () => {
    const assign = vi.spyOn(window.location, "assign").mockReturnValue();
    const logoutUrl = "https://login.test/logout";
    const server = await showAccount({
      "auth.logoutEverywhere": { logoutUrl },
    });
    await userEvent.click(
      await screen.findByRole("button", { name: "Sign out everywhere" }),
    );
    const dialog = await screen.findByRole("alertdialog");
    expect(callsOf(server, "auth.logoutEverywhere")).toEqual([]);

    await userEvent.click(
      within(dialog).getByRole("button", { name: "Sign out everywhere" }),
    );

    await waitFor(() => expect(assign).toHaveBeenCalledWith(logoutUrl));
    expect(screen.queryByText(ada.name)).toBeNull();
  });
});

async function showAccount(
  answers: FakeServer["answers"] = {},
): Promise<FakeServer> {
  const server = createFakeServer({
    "auth.me": { user: ada, session },
    "auth.sessions.list": [phone, ownSession, unknown],
    ...answers,
  });
  await showApp("/account", server);
  return server;
}

async function askToEndThePhone(): Promise<HTMLElement> {
  await userEvent.click(
    await screen.findByRole("button", { name: /^End session.*Safari/ }),
  );
  return screen.findByRole("alertdialog");
}

async function goAhead(dialog: HTMLElement): Promise<void> {
  await userEvent.click(
    within(dialog).getByRole("button", { name: "End session" }),
  );
}

function findEndButtons(): HTMLElement[] {
  return screen.queryAllByRole("button", { name: /^End session/ });
}

function isSession(element: HTMLElement): boolean {
  return within(element).queryByRole("heading", { level: 3 }) !== null;
}

function rememberPending(): void {
  window.sessionStorage.setItem(
    "entrada.pending-action",
    JSON.stringify({
      kind: "end_session",
      subjectId: "session-2",
      subjectName: "Safari on iPhone",
      userId: ada.id,
      sessionId: "an-earlier-session",
      expiresAt: String(Date.now() + 60_000),
    }),
  );
}
