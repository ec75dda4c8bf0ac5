import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withDatabase } from "../support/database-file.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type { Visitor } from "../support/visitor.js";

const { ada, ben, max, nora } = builtInPeople;

let site: Site;
let administrator: Visitor;

beforeAll(async () => {
  site = await startSite();
  administrator = site.createVisitor();
  await administrator.signIn(ada.upn);
});

afterAll(async () => {
  await site?.stop();
});

async function signIn(upn: string): Promise<Visitor> {
  const visitor = site.createVisitor();
  await visitor.signIn(upn);
  return visitor;
}

async function userIdOf(visitor: Visitor): Promise<string> {
  return (await visitor.query("auth.me")).data?.user.id ?? "";
}

async function readTrail() {
  return (await administrator.query("admin.events.list")).data.entries;
}

function countEntries(): number {
  return withDatabase(site.server.databasePath, (database) =>
    Number(database.prepare("SELECT count(*) FROM auth_event").pluck().get()),
  );
}

describe("admin.users", () => {
  it("[U8] lists only the users of the administrator's organisation", async () => {
    await signIn(ben.upn);
    await signIn(builtInPeople.adasDouble.upn);

    const { data } = await administrator.query("admin.users.list");

    const [adas] = data.users.filter(({ name }) => name === ada.name);
    expect(data.users.map(({ name }) => name)).toContain(ben.name);
    expect(new Set(data.users.map(({ tenantId }) => tenantId))).toEqual(
      new Set([adas?.tenantId]),
    );
  });

  it("[U5] disables a user: their sessions end at once, they cannot sign in, and enabling them restores no session", async () => {
    const [one, two] = [await signIn(nora.upn), await signIn(nora.upn)];
    const userId = await userIdOf(one);

    const disabled = await administrator.mutate("admin.users.disable", {
      userId,
    });
    const present = [
      (await one.query("auth.me")).data,
      (await two.query("auth.me")).data,
    ];
    const refused = await site.createVisitor().signIn(nora.upn);
    await administrator.mutate("admin.users.enable", { userId });
    const afterwards = (await one.query("auth.me")).data;
    const again = await site.createVisitor().signIn(nora.upn);

    expect(disabled.data).toEqual({ endedSessions: 2 });
    expect(present).toEqual([null, null]);
    expect(refused.status).toBe(403);
    expect(refused.error?.data.authCode).toBe("user_disabled");
    expect(afterwards).toBeNull();
    expect(again.status).toBe(200);
  });

  it("[U8] responds with 403 to every request of a user without the role", async () => {
    const bens = await signIn(ben.upn);

    const responses = [
      await bens.query("admin.users.list"),
      await bens.query("admin.events.list"),
      await bens.mutate("admin.users.disable", { userId: "id" }),
      await bens.mutate("admin.users.enable", { userId: "id" }),
    ];

    for (const { status, error } of responses) {
      expect(status).toBe(403);
      expect(error?.data.authCode).toBe("role_required");
    }
  });
});

function sessionOf({ session }: Visitor): string {
  return (session() ?? "").split(".")[0] ?? "";
}

describe("the audit trail", () => {
  it("[A1] contains sign-ins, refusals, sign-outs, revocations, disablings and the reasons of ended sessions, with their IDs", async () => {
    const visitor = await signIn(max.upn);
    const userId = await userIdOf(visitor);
    const first = sessionOf(visitor);
    await visitor.mutate("auth.logout");
    const [here, there] = [await signIn(max.upn), await signIn(max.upn)];
    const [hereId, thereId] = [sessionOf(here), sessionOf(there)];
    await here.mutate("auth.sessions.revoke", { sessionId: thereId });
    await administrator.mutate("admin.users.disable", { userId });
    await site.createVisitor().signIn(max.upn);

    const entries = (await readTrail())
      .filter((entry) => entry.userId === userId)
      .map(({ type, sessionId, code, reason }) => [
        type,
        sessionId,
        code ?? reason,
      ])
      .toReversed();

    expect(entries).toEqual([
      ["flow.completed", first, null],
      ["session.ended", first, "signed_out"],
      ["flow.completed", hereId, null],
      ["flow.completed", thereId, null],
      ["session.ended", thereId, "revoked"],
      ["user.disabled", null, null],
      ["session.ended", hereId, "user_disabled"],
      ["flow.failed", null, "user_disabled"],
    ]);
  });

  it("[A2] shows entries without a user to the operator's administrators", async () => {
    const visitor = site.createVisitor();
    const query = await visitor.reachCallback(ada.upn);
    await site.createVisitor().mutate("auth.callback", query);

    const [newest] = await readTrail();

    expect(newest).toMatchObject({
      type: "flow.failed",
      code: "browser_mismatch",
      userId: null,
      userName: null,
    });
  });

  it("has no entries for callbacks without a flow", async () => {
    const before = countEntries();
    const visitor = site.createVisitor();

    const responses = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        visitor.mutate("auth.callback", {
          state: index.toString().padStart(43, "S"),
          code: "made up",
        }),
      ),
    );
    // Entries are written in order, so this one follows any entries of the callbacks above.
    const query = await visitor.reachCallback(ada.upn);
    await site.createVisitor().mutate("auth.callback", query);
    const [newest] = await readTrail();

    expect(new Set(responses.map(({ error }) => error?.data.authCode))).toEqual(
      new Set(["flow_not_found"]),
    );
    expect(newest?.code).toBe("browser_mismatch");
    expect(countEntries()).toBe(before + 1);
  });

  it("[A5] names the administrator who disabled a user", async () => {
    const bens = await signIn(ben.upn);
    await administrator.mutate("admin.users.disable", {
      userId: await userIdOf(bens),
    });

    const disabling = (await readTrail()).find(
      ({ type }) => type === "user.disabled",
    );

    expect(disabling).toMatchObject({
      userName: ben.name,
      actorName: ada.name,
    });
  });

  it("[A7] is append-only: the database refuses to change or delete entries", () => {
    for (const statement of [
      "UPDATE auth_event SET code = NULL",
      "DELETE FROM auth_event",
    ]) {
      const change = () =>
        withDatabase(site.server.databasePath, (database) =>
          database.prepare(statement).run(),
        );

      expect(change).toThrow();
    }
  });
});
