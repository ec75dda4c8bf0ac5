import { builtInPeople, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPostgresServer } from "../../../../packages/auth/test/support/postgres-server.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type { Answer, Answers, Visitor } from "../support/visitor.js";

const { ada } = builtInPeople;

type Fault = Parameters<EntraEmulator["control"]["setFault"]>[0];

interface Database {
  readonly environment: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

async function openPostgres(): Promise<Database> {
  const postgres = await startPostgresServer();
  return {
    environment: { DATABASE_URL: postgres.url() },
    close: postgres.close,
  };
}

async function openSqlite(): Promise<Database> {
  return { environment: {}, close: async () => undefined };
}

describe.each([
  ["SQLite", openSqlite],
  ["PostgreSQL", openPostgres],
])("what a sign-in keeps of the person, in %s", (_, open) => {
  let database: Database;
  let site: Site;

  beforeAll(async () => {
    database = await open();
    site = await startSite({ environment: database.environment });
  }, 120_000);

  afterAll(async () => {
    await site?.stop();
    await database?.close();
  });

  /** Signs Ada in with these claims. */
  async function signInWith(
    set: Extract<Fault, { readonly type: "id_token_claims" }>["set"],
  ): Promise<{
    readonly answer: Answer<Answers["auth.callback"]>;
    readonly visitor: Visitor;
  }> {
    const visitor = site.createVisitor();
    const removeFault = site.emulator.control.setFault({
      type: "id_token_claims",
      set,
    });
    try {
      return { answer: await visitor.signIn(ada.upn), visitor };
    } finally {
      removeFault();
    }
  }

  it("is a name of 511 letters and an emoji without half a character, in the callback and in me", async () => {
    const letters = "a".repeat(511);

    const { answer, visitor } = await signInWith({ name: `${letters}😀` });

    const me = await visitor.query("auth.me");
    expect(answer.data.user.name).toBe(letters);
    expect(me.data?.user.name).toBe(letters);
  });

  it("is a text that a database keeps, whatever the claim holds", async () => {
    const { answer, visitor } = await signInWith({
      name: "A\u0000da \ud83d",
      roles: ["Admin\u0000", "\udc00"],
      groups: ["\ud83dx"],
    });

    const me = await visitor.query("auth.me");
    const { name, roles, groups } = answer.data.user;
    expect({ name, roles, groups }).toEqual({
      name: "A\ufffdda \ufffd",
      roles: ["Admin\ufffd", "\ufffd"],
      groups: ["\ufffdx"],
    });
    expect(me.data?.user).toMatchObject({ name, roles, groups });
  });

  it("is one role where roles is one text, which then opens what needs it", async () => {
    const { visitor } = await signInWith({ roles: "Admin" });

    const me = await visitor.query("auth.me");
    expect(me.data?.user.roles).toEqual(["Admin"]);
    expect((await visitor.query("workspace.adminNotice")).status).toBe(200);
  });

  it("is a verified address, whatever its letter case", async () => {
    const { answer } = await signInWith({
      email: "Ada@Contoso.com",
      xms_edov: false,
      verified_primary_email: ["ada@contoso.com"],
    });

    expect(answer.data.user.email).toBe("Ada@Contoso.com");
  });
});

describe("an app with claims mapping, whose key is published for its client ID alone", () => {
  const app = {
    clientId: "5fa00000-0000-4000-8000-0000000000aa",
    clientSecret: "secret-of-the-mapped-app",
    redirectUris: ["http://localhost/auth/callback"],
    customSigningKey: true,
  };

  it("[I52] signs people in", async () => {
    const emulator = await startEntraEmulator({ apps: [app] });
    const site = await startSite({
      emulator,
      environment: {
        ENTRA_CLIENT_ID: app.clientId,
        ENTRA_CLIENT_SECRET: app.clientSecret,
      },
    });
    try {
      const answer = await site.createVisitor().signIn(ada.upn);

      expect(answer.status, answer.text).toBe(200);
    } finally {
      await site.stop();
      await emulator.close();
    }
  });
});
