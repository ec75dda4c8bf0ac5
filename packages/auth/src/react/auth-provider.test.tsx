// @vitest-environment happy-dom
import { act, cleanup, render, screen } from "@testing-library/react";
import { StrictMode, useEffect, useState } from "react";
import type { ReactElement, ReactNode } from "react";
import { afterEach, describe, expect, it } from "vitest";
import { AuthProvider, useAuth } from "./auth-provider.js";
import { RequireAuth, SignedIn, SignedOut } from "./gates.js";
import {
  ada,
  bob,
  createFakeAuthClient,
  createTrpcError,
  session,
} from "./testing/fake-auth-client.js";
import type { FakeAuthClient } from "./testing/fake-auth-client.js";
import { createFakeBrowserPage } from "./testing/fake-browser-page.js";
import type { FakeBrowserPage } from "./testing/fake-browser-page.js";

afterEach(cleanup);

describe("AuthProvider", () => {
  it("reads the session once, even in StrictMode", async () => {
    const { client } = await show(<Gates />);

    expect(client.calls).toEqual(["me"]);
  });

  it("removes its listeners when it is unmounted", async () => {
    const { page } = await show(<Gates />);

    cleanup();

    expect(page.listenerCount).toBe(0);
  });

  it("runs onSignedOut when the user changes", async () => {
    const { page, forgotten } = await show(<Gates />, { user: ada, session });

    act(() => page.emit("signed_out_elsewhere"));

    expect(forgotten).toEqual(["forgotten"]);
  });
});

describe("useAuth", () => {
  it("throws outside an AuthProvider", () => {
    expect(() => render(<Gates />)).toThrow(/AuthProvider/);
  });

  it("narrows the type by user", async () => {
    await show(<Name />, { user: ada, session });

    expect(screen.getByText("Ada Lovelace until 2026-01-02T00:00:00.000Z"));
  });

  it("completes a sign-in once, even if StrictMode runs effects twice", async () => {
    const { client } = await show(<Callback />);

    expect(client.calls.filter((call) => call === "callback")).toHaveLength(1);
    expect(screen.getByText("to https://app.test/workspace"));
  });
});

describe("SignedIn and SignedOut", () => {
  it("show nothing while the session is loading", async () => {
    const client = createFakeAuthClient({ user: ada, session });
    client.hold();
    await show(<Gates />, client);

    expect(document.body.textContent).toBe("");
  });

  it("show nothing while the server is down", async () => {
    const client = createFakeAuthClient({ user: ada, session });
    client.failure = createTrpcError("store_unavailable");
    await show(<Gates />, client);

    expect(document.body.textContent).toBe("");
  });

  it("show SignedIn to a user who is signed in", async () => {
    await show(<Gates />, { user: ada, session });

    expect(document.body.textContent).toBe("inside");
  });

  it("show SignedOut to a visitor who is not signed in", async () => {
    await show(<Gates />);

    expect(document.body.textContent).toBe("outside");
  });
});

describe("RequireAuth", () => {
  const gate = (
    <RequireAuth fallback="sign in" loading="wait" unavailable="try again">
      <Name />
    </RequireAuth>
  );

  it("shows the fallback to a visitor who is not signed in", async () => {
    await show(gate);

    expect(document.body.textContent).toBe("sign in");
  });

  it("shows loading before the session is read", async () => {
    const client = createFakeAuthClient();
    client.hold();
    await show(gate, client);

    expect(document.body.textContent).toBe("wait");
  });

  it("shows unavailable while the server is down", async () => {
    const client = createFakeAuthClient();
    client.failure = new TypeError("Failed to fetch");
    await show(gate, client);

    expect(document.body.textContent).toBe("try again");
  });

  it("hides its children at once when the page is restored from the cache", async () => {
    const { client, page } = await show(gate, { user: ada, session });
    client.hold();

    act(() => page.emit("restored"));

    expect(document.body.textContent).toBe("wait");
  });

  it("mounts its children again for another user", async () => {
    const { client, page } = await show(
      <RequireAuth>
        <FirstName />
      </RequireAuth>,
      { user: ada, session },
    );
    client.present = { user: bob, session };

    await act(async () => page.emit("signed_in_elsewhere"));

    expect(document.body.textContent).toBe("Bob Bell");
  });
});

function Gates(): ReactElement {
  return (
    <>
      <SignedIn>inside</SignedIn>
      <SignedOut>outside</SignedOut>
    </>
  );
}

function Name(): ReactNode {
  const { user, session } = useAuth();
  if (user === undefined) return "signed out";
  return `${user.name} until ${session.expiresAt}`;
}

/** Keeps the name of its first render. */
function FirstName(): ReactNode {
  const { user } = useAuth();
  const [name] = useState(user?.name);
  return name;
}

const parameters = { code: "c-1", state: "s-1" };

function Callback(): ReactNode {
  const { completeSignIn } = useAuth();
  const [destination, setDestination] = useState("nowhere");
  useEffect(() => {
    void completeSignIn(parameters).then(({ returnUrl }) =>
      setDestination(returnUrl),
    );
  }, [completeSignIn]);
  return `to ${destination}`;
}

async function show(
  children: ReactNode,
  server?: FakeAuthClient | FakeAuthClient["present"],
): Promise<{
  readonly client: FakeAuthClient;
  readonly page: FakeBrowserPage;
  readonly forgotten: string[];
}> {
  const client =
    server !== undefined && "calls" in server
      ? server
      : createFakeAuthClient(server);
  const page = createFakeBrowserPage();
  const forgotten: string[] = [];
  const forget = () => forgotten.push("forgotten");
  await act(async () => {
    render(
      <StrictMode>
        <AuthProvider client={client} page={page} onSignedOut={forget}>
          {children}
        </AuthProvider>
      </StrictMode>,
    );
  });
  return { client, page, forgotten };
}
