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
  it("[U8] lists the users of the administrator's organisation alone", async () => {
    await signIn(ben.upn);
    await signIn(builtInPeople.adasDouble.upn);

    const { data } = await administrator.query("admin.users.list");

    const [adas] = data.users.filter(({ name }) => name === ada.name);
    expect(data.users.map(({ name }) => name)).toContain(ben.name);
    expect(new Set(data.users.map(({ tenantId }) => tenantId))).toEqual(
      new Set([adas?.tenantId]),
    );
  });

  it("[U5] disables a user: all their sessions die at once, they cannot sign in, and no old session comes back", async () => {
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

  it("[U8] refuses a user without the role with 403, whatever they request", async () => {
    const bens = await signIn(ben.upn);

    const answers = [
      await bens.query("admin.users.list"),
      await bens.query("admin.events.list"),
      await bens.mutate("admin.users.disable", { userId: "id" }),
      await bens.mutate("admin.users.enable", { userId: "id" }),
    ];

    for (const { status, error } of answers) {
      expect(status).toBe(403);
      expect(error?.data.authCode).toBe("role_required");
    }
  });
});

function sessionOf({ session }: Visitor): string {
  return (session() ?? "").split(".")[0] ?? "";
}

describe("the audit trail", () => {
  it("[A1] keeps sign-in, refusal, sign-out, revocation, disabling and why a session ended, with the IDs of those concerned", async () => {
    const visitor = await signIn(max.upn);
    const userId = await userIdOf(visitor);
    const first = sessionOf(visitor);
    await visitor.mutate("auth.logout");
    const [here, there] = [await signIn(max.upn), await signIn(max.upn)];
    const [hereId, thereId] = [sessionOf(here), sessionOf(there)];
    await here.mutate("auth.sessions.revoke", { sessionId: thereId });
    await administrator.mutate("admin.users.disable", { userId });
    await site.createVisitor().signIn(max.upn);

    const told = (await readTrail())
      .filter((entry) => entry.userId === userId)
      .map(({ type, sessionId, code, reason }) => [
        type,
        sessionId,
        code ?? reason,
      ])
      .toReversed();

    expect(told).toEqual([
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

  it("[A2] shows the operator's administrators what no user can be named for", async () => {
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

  it("keeps none of a hundred made-up callbacks, which leave auth_event as it was", async () => {
    const before = countEntries();
    const visitor = site.createVisitor();

    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        visitor.mutate("auth.callback", {
          state: index.toString().padStart(43, "S"),
          code: "made up",
        }),
      ),
    );
    // An entry that is kept comes after all that were to be kept before it.
    const query = await visitor.reachCallback(ada.upn);
    await site.createVisitor().mutate("auth.callback", query);
    const [newest] = await readTrail();

    expect(new Set(answers.map(({ error }) => error?.data.authCode))).toEqual(
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

  it("[A7] is append-only: the database refuses to change or to remove an entry", () => {
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
