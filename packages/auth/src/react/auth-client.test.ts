import { describe, expect, it } from "vitest";
import { createAuthClient } from "./auth-client.js";
import type { AuthProcedures } from "./auth-client.js";
import { ada, session } from "./testing/fake-auth-client.js";

describe("createAuthClient", () => {
  it("converts null into undefined", async () => {
    const client = createAuthClient(createProcedures(null));

    await expect(client.me()).resolves.toBeUndefined();
  });

  it("passes arguments and results through", async () => {
    const procedures = createProcedures({ user: ada, session });
    const client = createAuthClient(procedures);

    const results = [
      await client.me(),
      await client.login({ returnUrl: "/account" }),
      await client.logout(),
      await client.logoutEverywhere(),
    ];

    expect(results).toEqual([
      { user: ada, session },
      { authorizationUrl: "https://login.test/?to=/account" },
      { logoutUrl: "https://login.test/logout" },
      { logoutUrl: "https://login.test/logout?everywhere" },
    ]);
  });
});

function createProcedures(
  present: Awaited<ReturnType<AuthProcedures["me"]["query"]>>,
): AuthProcedures {
  return {
    login: {
      mutate: async ({ returnUrl }) => ({
        authorizationUrl: `https://login.test/?to=${returnUrl ?? ""}`,
      }),
    },
    callback: {
      mutate: async () => ({
        user: ada,
        isNewUser: true,
        returnUrl: "https://app.test/",
      }),
    },
    me: { query: async () => present },
    logout: {
      mutate: async () => ({ logoutUrl: "https://login.test/logout" }),
    },
    logoutEverywhere: {
      mutate: async () => ({
        logoutUrl: "https://login.test/logout?everywhere",
      }),
    },
  };
}
