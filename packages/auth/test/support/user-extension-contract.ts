import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAuth } from "../../src/core/create-auth.js";
import type { Stores } from "../../src/core/stores/stores.js";
import { createRequestAuthFactory } from "../../src/http/request-auth.js";
import { signInAs } from "../../src/testing/app/sign-in-as.js";
import { createFakeIdentityClient } from "../../src/testing/provider/fake-identity-client.js";
import { testPeople } from "../../src/testing/provider/test-people.js";
import { signInAtProvider } from "../../src/testing/sign-in.js";

/** The app's own columns of a user in these tests. */
export interface MemberColumns {
  readonly nickname: string | null;
  readonly department: string | null;
  readonly joinedAt: Date | null;
}

/** A database with a table `member` of the app. */
export interface MemberDatabase {
  readonly stores: Stores<MemberColumns>;
  addMember(
    userId: string,
    member: Omit<MemberColumns, "joinedAt"> & { readonly joinedAt: Date },
  ): Promise<void>;
  /** Returns how many statements the database runs meanwhile. */
  countStatements(action: () => Promise<unknown>): Promise<number>;
  close(): Promise<void>;
}

const appUrl = "https://app.test";
const joinedAt = new Date("2026-02-03T04:05:06.000Z");

/** Defines the tests of `extendUser` on one database. */
export function describeUserExtension(
  name: string,
  open: () => Promise<MemberDatabase>,
): void {
  let opened: MemberDatabase;

  beforeEach(async () => {
    opened = await open();
  });

  afterEach(() => opened.close());

  function createExtendedAuth() {
    const identityClient = createFakeIdentityClient({
      redirectUri: `${appUrl}/auth/callback`,
    });
    const auth = createAuth({
      appUrl,
      identityClient,
      stores: opened.stores,
      secrets: [new Uint8Array(32)],
    });
    return { auth, identityClient };
  }

  describe(`${name} with extendUser`, () => {
    it("returns the app's columns of the user with the session, by one statement", async () => {
      const { auth } = createExtendedAuth();
      const ada = await signInAs(auth);
      const ben = await signInAs(auth);
      const member = { nickname: "Countess", department: "Mathematics" };
      await opened.addMember(ada.user.id, { ...member, joinedAt });
      await opened.addMember(ben.user.id, {
        nickname: "Ben",
        department: "Physics",
        joinedAt,
      });

      const read = () => auth.readSession(ada.cookies[0]?.value);
      const active = await read();
      const count = await opened.countStatements(read);

      expect(active?.user).toEqual({ ...ada.user, ...member, joinedAt });
      expect(count).toBe(1);
    });

    it("returns null for each column of a user who has no row", async () => {
      const { auth } = createExtendedAuth();

      const { user } = await signInAs(auth);

      expect(user).toMatchObject({
        nickname: null,
        department: null,
        joinedAt: null,
      });
    });

    it("returns the other columns if the first one is null", async () => {
      const { auth } = createExtendedAuth();
      const ada = await signInAs(auth);
      await opened.addMember(ada.user.id, {
        nickname: null,
        department: "Mathematics",
        joinedAt,
      });

      const active = await auth.readSession(ada.cookies[0]?.value);

      expect(active?.user).toMatchObject({
        nickname: null,
        department: "Mathematics",
      });
    });

    it("returns them to the request that has just completed the sign-in", async () => {
      const { auth, identityClient } = createExtendedAuth();
      const { person, flowId, browserToken, parameters } = await startSignIn({
        auth,
        identityClient,
      });
      const existing = await signInAs(auth, person);
      await opened.addMember(existing.user.id, {
        nickname: "Countess",
        department: null,
        joinedAt,
      });
      const requestAuth = createRequestAuthFactory({ auth })({
        readHeader: (header) =>
          header === "cookie"
            ? `__Host-Http-flow.${flowId}=${browserToken}.1`
            : undefined,
        responseHeaders: new Headers(),
        clientAddress: "203.0.113.7",
      });

      await requestAuth.callback(parameters);
      const { user } = await requestAuth.requireSession();

      expect(user.id).toBe(existing.user.id);
      expect(user.nickname).toBe("Countess");
    });
  });
}

async function startSignIn(parts: Parameters<typeof signInAtProvider>[0]) {
  const person = testPeople.ada;
  const callback = await signInAtProvider(parts, { person });
  return { person, ...callback };
}
