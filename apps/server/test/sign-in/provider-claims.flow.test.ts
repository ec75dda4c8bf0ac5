import { builtInPeople, startEntraEmulator } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPostgresServer } from "../../../../packages/auth/test/support/postgres-server.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type {
  CallResponse,
  ProcedureOutputs,
  Visitor,
} from "../support/visitor.js";

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
])("the profile that a sign-in stores in %s", (_, open) => {
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
    readonly response: CallResponse<ProcedureOutputs["auth.callback"]>;
    readonly visitor: Visitor;
  }> {
    const visitor = site.createVisitor();
    const removeFault = site.emulator.control.setFault({
      type: "id_token_claims",
      set,
    });
    try {
      return { response: await visitor.signIn(ada.upn), visitor };
    } finally {
      removeFault();
    }
  }

  it("has a name that is cut at 512 code units but not within a character", async () => {
    const letters = "a".repeat(511);

    const { response, visitor } = await signInWith({ name: `${letters}😀` });

    const me = await visitor.query("auth.me");
    expect(response.data.user.name).toBe(letters);
    expect(me.data?.user.name).toBe(letters);
  });

  it("has strings without NUL and lone surrogates", async () => {
    const { response, visitor } = await signInWith({
      name: "A\u0000da \ud83d",
      roles: ["Admin\u0000", "\udc00"],
      groups: ["\ud83dx"],
    });

    const me = await visitor.query("auth.me");
    const { name, roles, groups } = response.data.user;
    expect({ name, roles, groups }).toEqual({
      name: "A\ufffdda \ufffd",
      roles: ["Admin\ufffd", "\ufffd"],
      groups: ["\ufffdx"],
    });
    expect(me.data?.user).toMatchObject({ name, roles, groups });
  });

  it("has one role if the claim roles is a string, and that role grants access", async () => {
    const { visitor } = await signInWith({ roles: "Admin" });

    const me = await visitor.query("auth.me");
    expect(me.data?.user.roles).toEqual(["Admin"]);
    expect((await visitor.query("workspace.adminNotice")).status).toBe(200);
  });

  it("has the verified email address, whatever its letter case", async () => {
    const { response } = await signInWith({
      email: "Ada@Contoso.com",
      xms_edov: false,
      verified_primary_email: ["ada@contoso.com"],
    });

    expect(response.data.user.email).toBe("Ada@Contoso.com");
  });
});

describe("an app with claims mapping, whose key is published only for its client ID", () => {
  const app = {
    clientId: "5fa00000-0000-4000-8000-0000000000aa",
    clientSecret: "secret-of-the-mapped-app",
    redirectUris: ["http://localhost/auth/callback"],
    customSigningKey: true,
  };

  it("[I52] signs users in", async () => {
    const emulator = await startEntraEmulator({ apps: [app] });
    const site = await startSite({
      emulator,
      environment: {
        ENTRA_CLIENT_ID: app.clientId,
        ENTRA_CLIENT_SECRET: app.clientSecret,
      },
    });
    try {
      const response = await site.createVisitor().signIn(ada.upn);

      expect(response.status, response.text).toBe(200);
    } finally {
      await site.stop();
      await emulator.close();
    }
  });
});
