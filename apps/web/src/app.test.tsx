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
} from "../test/fake-server.js";
import { showApp } from "../test/show-app.js";

const { origin } = window.location;
const present = { user: ada, session };

describe("the start page", () => {
  it("shows a sign-in button", async () => {
    await showApp("/", createFakeServer());

    await findSignInButton();
    expect(screen.getByText("Use your work or school account")).toBeDefined();
    expect(document.title).toBe("Entrada");
  });

  it("greets the signed-in user by name", async () => {
    await showApp("/", createFakeServer({ "auth.me": present }));

    await screen.findByRole("heading", { name: "Hello, Ada Lovelace" });
    await screen.findByRole("button", { name: "Account menu, Ada Lovelace" });
    expect(findSignInButtons()).toEqual([]);
  });

  it("shows neither the sign-in nor a greeting while the session is loading", async () => {
    const server = createFakeServer();
    delete server.answers["auth.me"];
    await showApp("/", server);

    expect(findSignInButtons()).toEqual([]);
    expect(screen.queryByText(/Hello/)).toBeNull();
  });

  it("offers to try again if the service does not respond", async () => {
    const server = createFakeServer({
      "auth.me": new Refusal("store_unavailable", 503),
    });
    await showApp("/", server);
    const tryAgain = await screen.findByRole("button", { name: "Try again" });
    expect(findSignInButtons()).toEqual([]);
    server.answers["auth.me"] = present;

    await userEvent.click(tryAgain);

    await screen.findByRole("heading", { name: "Hello, Ada Lovelace" });
  });

  it("shows why a sign-in could not be started", async () => {
    const server = createFakeServer({
      "auth.login": new Refusal("rate_limited", 429, { retryAfterSeconds: 42 }),
    });
    await showApp("/", server);

    await userEvent.click(await findSignInButton());

    await screen.findByText(/Wait 42 seconds/);
  });
});

describe("the workspace", () => {
  it("requires a sign-in that returns to exactly this page", async () => {
    const assign = vi.spyOn(window.location, "assign").mockReturnValue();
    const authorizationUrl = "https://login.test/authorize";
    const server = createFakeServer({ "auth.login": { authorizationUrl } });
    await showApp("/workspace?tab=notice&n=001#top", server);

    await userEvent.click(await findSignInButton());

    await waitFor(() => expect(assign).toHaveBeenCalledWith(authorizationUrl));
    expect(server.calls.at(-1)).toEqual({
      path: "auth.login",
      input: { returnUrl: `${origin}/workspace?tab=notice&n=001#top` },
    });
  });

  it("shows the greeting, but no notice without the role", async () => {
    const server = createFakeServer({
      "auth.me": present,
      "workspace.greeting": greeting,
    });
    await showApp("/workspace", server);

    await screen.findByText("Good to see you.");
    expect(server.calls.map(({ path }) => path)).not.toContain(
      "workspace.adminNotice",
    );
  });

  it("retries once if a sign-in in another tab has replaced the session", async () => {
    const server = createFakeServer({
      "auth.me": present,
      "workspace.greeting": new Refusal("not_signed_in", 401),
    });
    await showApp("/workspace", server);
    await waitFor(() =>
      expect(callsOf(server, "workspace.greeting")).toHaveLength(1),
    );
    server.answers["workspace.greeting"] = greeting;

    await screen.findByText("Good to see you.");
    expect(callsOf(server, "workspace.greeting")).toHaveLength(2);
  });

  it("starts a sign-in with the claims that an API's policy requires", async () => {
    const assign = vi.spyOn(window.location, "assign").mockReturnValue();
    const authorizationUrl = "https://login.test/authorize";
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    const server = createFakeServer({
      "auth.me": present,
      "auth.login": { authorizationUrl },
      "workspace.greeting": new Refusal("interaction_required", 401, {
        claims,
      }),
    });
    await showApp("/workspace", server);

    await screen.findByText(/Microsoft has a question for you/);
    await userEvent.click(screen.getByRole("button", { name: "Continue" }));

    await waitFor(() => expect(assign).toHaveBeenCalledWith(authorizationUrl));
    expect(callsOf(server, "auth.login")).toEqual([
      { returnUrl: `${origin}/workspace`, claims },
    ]);
  });

  it("shows the notice to administrators", async () => {
    const server = createFakeServer({
      "auth.me": { user: { ...ada, roles: ["Admin"] }, session },
      "workspace.greeting": greeting,
      "workspace.adminNotice": { message: "For administrators." },
    });
    await showApp("/workspace", server);

    await screen.findByText("For administrators.");
  });

  it("shows the sign-in once a request finds that the session has ended", async () => {
    const server = createFakeServer({
      "auth.me": present,
      "workspace.greeting": greeting,
    });
    await showApp("/", server);
    await screen.findByRole("heading", { name: "Hello, Ada Lovelace" });
    server.answers["auth.me"] = null;
    server.answers["workspace.greeting"] = new Refusal("not_signed_in", 401);

    await userEvent.click(screen.getByRole("link", { name: "Workspace" }));

    await screen.findByRole("heading", { name: "Sign in to continue" });
  });
});

describe("the account page", () => {
  it("shows the profile and the session", async () => {
    const server = createFakeServer({
      "auth.me": present,
      "auth.sessions.list": [ownSession],
    });
    await showApp("/account", server);

    await screen.findByText("Not verified by your organisation");
    screen.getByText(ada.tenantId);
    screen.getByText(ada.objectId);
    await screen.findByText("session-1");
    expect(document.querySelectorAll("time[datetime]")).toHaveLength(4);
  });

  it("recognises personal accounts", async () => {
    const personal = {
      ...ada,
      tenantId: "9188040d-6c67-4c5b-b112-36a304b66dad",
    };
    const server = createFakeServer({ "auth.me": { user: personal, session } });
    await showApp("/account", server);

    await screen.findByText("Personal Microsoft account");
  });

  it("shows more than three groups in a closed details element", async () => {
    const groups = ["g-1", "g-2", "g-3", "g-4"];
    const server = createFakeServer({
      "auth.me": { user: { ...ada, groups }, session },
    });
    await showApp("/account", server);

    const summary = await screen.findByText("4 groups");
    expect(summary.closest("details")?.open).toBe(false);
  });

  it("signs out and navigates to the identity provider", async () => {
    const assign = vi.spyOn(window.location, "assign").mockReturnValue();
    const logoutUrl = "https://login.test/logout";
    const server = createFakeServer({
      "auth.me": present,
      "auth.logout": { logoutUrl },
    });
    await showApp("/account", server);
    const main = within(screen.getByRole("main"));

    await userEvent.click(
      await main.findByRole("button", { name: "Sign out" }),
    );

    await waitFor(() => expect(assign).toHaveBeenCalledWith(logoutUrl));
    expect(screen.queryByText("Ada Lovelace")).toBeNull();
  });
});

describe("the callback page", () => {
  it("completes the sign-in once and navigates to the return URL", async () => {
    const replace = vi.spyOn(window.location, "replace").mockReturnValue();
    const returnUrl = `${origin}/workspace?tab=notice#top`;
    const server = createFakeServer({
      "auth.callback": { user: ada, isNewUser: true, returnUrl },
    });
    await showApp("/auth/callback?code=0.AX&state=001&iss=a&iss=b", server);

    await waitFor(() =>
      expect(replace).toHaveBeenCalledExactlyOnceWith(returnUrl),
    );
    expect(callsOf(server, "auth.callback")).toEqual([
      { code: "0.AX", state: "001", iss: ["a", "b"] },
    ]);
    expect(window.location.href).toBe(`${origin}/auth/callback`);
  });

  it("navigates to the start page instead of another site", async () => {
    const replace = vi.spyOn(window.location, "replace").mockReturnValue();
    const server = createFakeServer({
      "auth.callback": {
        user: ada,
        isNewUser: false,
        returnUrl: "https://elsewhere.test/",
      },
    });
    await showApp("/auth/callback?code=c&state=s", server);

    await waitFor(() => expect(replace).toHaveBeenCalledWith(`${origin}/`));
  });

  it("explains a failure to the visitor and to the developer", async () => {
    const server = createFakeServer({
      "auth.callback": new Refusal("client_rejected", 502, {
        provider: {
          error: "invalid_client",
          aadsts: "AADSTS7000215",
          traceId: "trace-1",
          correlationId: "correlation-1",
        },
      }),
    });
    await showApp("/auth/callback?code=c&state=s", server);

    await screen.findByRole("heading", {
      name: "This service is not set up correctly",
    });
    const details = screen
      .getByText("Details for the developer")
      .closest("details");
    expect(details?.textContent).toMatch(
      /client_rejected.*AADSTS7000215.*trace-1.*correlation-1.*ENTRA_CLIENT_SECRET/,
    );
  });

  it("starts a new sign-in with the return URL of the failed one", async () => {
    const assign = vi.spyOn(window.location, "assign").mockReturnValue();
    window.sessionStorage.setItem("entrada.wanted-page", `${origin}/account`);
    const authorizationUrl = "https://login.test/authorize";
    const server = createFakeServer({
      "auth.callback": new Refusal("authorization_denied", 403),
      "auth.login": { authorizationUrl },
    });
    await showApp("/auth/callback?error=access_denied&state=s", server);

    await userEvent.click(
      await screen.findByRole("button", { name: "Try again" }),
    );

    await waitFor(() => expect(assign).toHaveBeenCalledWith(authorizationUrl));
    expect(callsOf(server, "auth.login")).toEqual([
      { returnUrl: `${origin}/account`, prompt: "select_account" },
    ]);
  });

  it("explains that there is nothing to complete without parameters", async () => {
    const server = createFakeServer();
    await showApp("/auth/callback", server);

    await screen.findByRole("heading", { name: "No sign-in to complete" });
    await findSignInButton();
    expect(callsOf(server, "auth.callback")).toEqual([]);
  });
});

describe("a page on another origin than APP_URL", () => {
  it("links to the same page at APP_URL and sends no request", async () => {
    const server = createFakeServer();
    await showApp("/workspace?tag=a&tag=b#top", server, {
      appUrl: "https://app.test",
    });

    screen.getByText("https://app.test");
    const link = screen.getByRole("link", { name: "Continue at app.test" });
    expect(link.getAttribute("href")).toBe(
      "https://app.test/workspace?tag=a&tag=b#top",
    );
    expect(server.calls).toEqual([]);
  });

  it("is shown normally if the origins are equal", async () => {
    await showApp("/", createFakeServer(), { appUrl: origin });

    await findSignInButton();
  });
});

describe("an unknown address", () => {
  it("shows a link to the start page", async () => {
    await showApp("/nowhere", createFakeServer());

    screen.getByRole("heading", { name: "Page not found" });
    const link = screen.getByRole("link", { name: "Go to the start page" });
    expect(link.getAttribute("href")).toBe("/");
  });
});

describe("a page that fails to render", () => {
  it("offers to reload", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    vi.spyOn(console, "warn").mockReturnValue();
    const server = createFakeServer({
      "auth.me": { user: { ...ada, roles: undefined }, session },
    });
    await showApp("/account", server);

    await screen.findByRole("heading", { name: "Something went wrong" });
    screen.getByRole("button", { name: "Try again" });
  });
});

describe("the account menu", () => {
  it("closes with the Escape key and restores the focus", async () => {
    await showApp("/", createFakeServer({ "auth.me": present }));
    const trigger = await screen.findByRole("button", {
      name: /^Account menu/,
    });

    await userEvent.click(trigger);
    const opened = screen.getByRole("button", { name: "Sign out" });
    await userEvent.keyboard("{Escape}");

    expect(opened.isConnected).toBe(false);
    expect(document.activeElement).toBe(trigger);
  });
});

describe("a change of page", () => {
  it("moves the focus to the main heading and sets the document title", async () => {
    const server = createFakeServer({
      "auth.me": present,
      "workspace.greeting": greeting,
    });
    await showApp("/", server);

    await userEvent.click(screen.getByRole("link", { name: "Workspace" }));

    const heading = await screen.findByRole("heading", { name: "Workspace" });
    await waitFor(() => expect(document.activeElement).toBe(heading));
    expect(document.title).toBe("Workspace – Entrada");
  });
});

const greeting = {
  message: "Good to see you.",
  tenantId: ada.tenantId,
  signedInAt: session.createdAt,
};

function findSignInButton(): Promise<HTMLElement> {
  return screen.findByRole("button", { name: "Sign in with Microsoft" });
}

function findSignInButtons(): HTMLElement[] {
  return screen.queryAllByRole("button", { name: /Sign in/ });
}
