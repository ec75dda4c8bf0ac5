import type { AuditTrailEntry, ManagedUser } from "@entrada/auth/react";
import { screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import {
  ada,
  callsOf,
  createFakeServer,
  Refusal,
  session,
} from "../../test/fake-server.js";
import type { FakeServer } from "../../test/fake-server.js";
import { showApp } from "../../test/show-app.js";

const administrator: ManagedUser = {
  ...ada,
  roles: ["Admin"],
  disabledAt: null,
};
const ben: ManagedUser = {
  ...ada,
  id: "user-ben",
  name: "Ben Bell",
  preferredUsername: "ben@contoso.test",
  disabledAt: null,
};
const disabledBen = { ...ben, disabledAt: "2026-01-02T00:00:00.000Z" };
const entry: AuditTrailEntry = {
  id: "entry-1",
  type: "user.disabled",
  occurredAt: "2026-01-02T00:00:00.000Z",
  flowId: null,
  sessionId: null,
  userId: "user-ben",
  userName: "Ben Bell",
  actorId: "user-ada",
  actorName: "Ada Lovelace",
  code: null,
  aadsts: null,
  reason: null,
};

describe("the navigation", () => {
  it("shows administrators a link to the administration", async () => {
    await show("/");

    await userEvent.click(await screen.findByRole("link", { name: "Admin" }));

    await screen.findByRole("heading", { level: 1, name: "Users" });
    expect(window.location.pathname).toBe("/admin/users");
  });

  it("shows other users no link to the administration", async () => {
    await show("/", { "auth.me": { user: ada, session } });

    await screen.findByRole("heading", { name: "Hello, Ada Lovelace" });
    expect(screen.queryByRole("link", { name: "Admin" })).toBeNull();
  });
});

describe("a page for administrators", () => {
  it.each(["/admin/users", "/admin/audit"])(
    "explains at %s whom it is for, and sends no request of its own",
    async (address) => {
      const server = await show(address, { "auth.me": { user: ada, session } });

      await screen.findByRole("heading", { name: "For administrators" });
      expect(server.calls.map(({ path }) => path)).toEqual(["auth.me"]);
    },
  );

  it("explains whom it is for if the user has lost the role since the app was loaded", async () => {
    const server = await show("/", {
      "admin.users.list": new Refusal("role_required", 403),
    });
    const link = await screen.findByRole("link", { name: "Admin" });
    server.answers["auth.me"] = { user: ada, session };

    await userEvent.click(link);

    await screen.findByRole("heading", { name: "For administrators" });
    expect(screen.queryByRole("link", { name: "Admin" })).toBeNull();
  });
});

describe("the users page", () => {
  it("lists the users, without a button for administrators to disable themselves", async () => {
    await show("/admin/users");

    await screen.findByText("ben@contoso.test");
    screen.getByText("This is you. You cannot disable yourself.");
    expect(
      screen
        .getAllByRole("button", { name: /^Disable/ })
        .map(({ textContent }) => textContent),
    ).toEqual(["Disable Ben Bell"]);
  });

  it("searches by name", async () => {
    const server = await show("/admin/users");
    await screen.findByText("ben@contoso.test");
    server.answers["admin.users.list"] = { users: [], next: null };

    await userEvent.type(
      screen.getByLabelText("Name or user name contains"),
      " nobody {Enter}",
    );

    await screen.findByText("No users found.");
    expect(callsOf(server, "admin.users.list").at(-1)).toEqual({
      search: "nobody",
    });
  });

  it("loads more users and keeps the ones already shown", async () => {
    const server = await show("/admin/users", {
      "admin.users.list": { users: [administrator], next: "user-ada" },
    });
    const more = await screen.findByRole("button", { name: "Load more" });
    server.answers["admin.users.list"] = { users: [ben], next: null };

    await userEvent.click(more);

    await screen.findByText("2 users in all.");
    expect(callsOf(server, "admin.users.list").at(-1)).toEqual({
      search: "",
      after: "user-ada",
    });
    screen.getByText("This is you. You cannot disable yourself.");
  });

  it("disables a user after confirmation, and shows how many sessions ended", async () => {
    const server = await show("/admin/users", {
      "admin.users.disable": { endedSessions: 2 },
    });
    await userEvent.click(
      await screen.findByRole("button", { name: "Disable Ben Bell" }),
    );
    const dialog = await screen.findByRole("alertdialog");
    within(dialog).getByText(/^All sessions of Ben Bell end at once/);
    expect(callsOf(server, "admin.users.disable")).toEqual([]);
    server.answers["admin.users.list"] = { users: [disabledBen], next: null };

    await userEvent.click(
      within(dialog).getByRole("button", { name: "Disable" }),
    );

    await screen.findByText("Ben Bell is disabled. 2 sessions ended at once.");
    await screen.findByRole("button", { name: "Enable Ben Bell" });
    expect(callsOf(server, "admin.users.disable")).toEqual([
      { userId: "user-ben" },
    ]);
  });

  it("enables a user after confirmation", async () => {
    const server = await show("/admin/users", {
      "admin.users.list": { users: [disabledBen], next: null },
      "admin.users.enable": { userId: "user-ben" },
    });
    await userEvent.click(
      await screen.findByRole("button", { name: "Enable Ben Bell" }),
    );
    const dialog = await screen.findByRole("alertdialog");

    await userEvent.click(
      within(dialog).getByRole("button", { name: "Enable" }),
    );

    await screen.findByText("Ben Bell is enabled and can sign in again.");
    expect(callsOf(server, "admin.users.enable")).toEqual([
      { userId: "user-ben" },
    ]);
  });

  it("offers a new sign-in if disabling requires a recent one", async () => {
    await show("/admin/users", {
      "admin.users.disable": new Refusal("fresh_sign_in_required", 401, {
        maxAgeSeconds: 600,
      }),
    });
    await userEvent.click(
      await screen.findByRole("button", { name: "Disable Ben Bell" }),
    );
    const dialog = await screen.findByRole("alertdialog");

    await userEvent.click(
      within(dialog).getByRole("button", { name: "Disable" }),
    );

    await within(dialog).findByRole("button", { name: "Sign in again" });
  });
});

describe("the audit trail", () => {
  it("shows who did what to whom, with the IDs in a closed details element", async () => {
    await show("/admin/audit");

    const sentence = await screen.findByText("Ada Lovelace disabled Ben Bell");
    const item = within(sentence.closest("li") ?? document.body);
    const details = item.getByText("Details").closest("details");
    expect(details?.open).toBe(false);
    expect(details?.textContent).toMatch(/user-ben.*user-ada.*entry-1/);
  });

  it("links an Entra error code to Microsoft's page about it", async () => {
    await show("/admin/audit", {
      "admin.events.list": {
        entries: [
          {
            ...entry,
            type: "flow.failed",
            code: "authorization_denied",
            aadsts: "AADSTS65004",
          },
        ],
        next: null,
      },
    });

    const link = await screen.findByRole("link", { name: "AADSTS65004" });
    expect(link.getAttribute("href")).toBe(
      "https://login.microsoftonline.com/error?code=65004",
    );
  });

  it("loads earlier entries", async () => {
    const server = await show("/admin/audit", {
      "admin.events.list": { entries: [entry], next: "entry-1" },
    });
    const more = await screen.findByRole("button", { name: "Load more" });
    server.answers["admin.events.list"] = {
      entries: [{ ...entry, id: "entry-0", type: "flow.completed" }],
      next: null,
    };

    await userEvent.click(more);

    await screen.findByText("Ben Bell signed in");
    screen.getByText("Ada Lovelace disabled Ben Bell");
    expect(callsOf(server, "admin.events.list").at(-1)).toEqual({
      before: "entry-1",
    });
    await waitFor(() =>
      expect(document.activeElement?.textContent).toBe("2 entries in all."),
    );
  });

  it("offers to try again if it cannot be loaded", async () => {
    const server = await show("/admin/audit", {
      "admin.events.list": new Refusal("invalid_request", 400),
    });
    const tryAgain = await screen.findByRole("button", { name: "Try again" });
    server.answers["admin.events.list"] = { entries: [entry], next: null };

    await userEvent.click(tryAgain);

    await screen.findByText("Ada Lovelace disabled Ben Bell");
  });
});

async function show(
  address: string,
  answers: FakeServer["answers"] = {},
): Promise<FakeServer> {
  const server = createFakeServer({
    "auth.me": { user: administrator, session },
    "admin.users.list": { users: [administrator, ben], next: null },
    "admin.events.list": { entries: [entry], next: null },
    ...answers,
  });
  await showApp(address, server);
  return server;
}
