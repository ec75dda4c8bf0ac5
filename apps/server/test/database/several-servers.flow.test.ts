import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServerGroup } from "../support/server-group.js";
import type { ServerGroup } from "../support/server-group.js";

const { ada, ben } = builtInPeople;

describe("two servers on one database", () => {
  let group: ServerGroup;

  beforeAll(async () => {
    group = await startServerGroup(2);
  });

  afterAll(async () => {
    await group?.stop();
  });

  it("complete each other's sign-ins and sign-outs", async () => {
    const visitor = group.createVisitor();
    const query = await visitor.reachCallback(ada.upn);

    visitor.goTo(1);
    const callback = await visitor.mutate("auth.callback", query);
    const session = visitor.cookies().get("__Host-Http-session") ?? "";
    const there = (await visitor.query("auth.me")).data;
    visitor.goTo(0);
    const here = (await visitor.query("auth.me")).data;
    await visitor.mutate("auth.logout");

    visitor.goTo(1);
    visitor.browser.setCookie(group.appUrl, "__Host-Http-session", session);
    expect(callback.data.isNewUser).toBe(true);
    expect(here?.session.id).toBe(there?.session.id);
    expect((await visitor.query("auth.me")).data).toBeNull();
  });

  it("[U4] create one user for a person who signs in on both for the first time", async () => {
    const responses = await Promise.all([
      group.createVisitor(0).signIn(ben.upn),
      group.createVisitor(1).signIn(ben.upn),
    ]);

    const [first, second] = responses.map(({ data }) => data);
    expect(first?.user.id).toBe(second?.user.id);
    expect([first?.isNewUser, second?.isNewUser].toSorted()).toEqual([
      false,
      true,
    ]);
  });
});

describe("two servers on one database with a limit of six", () => {
  let group: ServerGroup;

  beforeAll(async () => {
    group = await startServerGroup(2, {
      SIGN_IN_RATE_PER_MINUTE: "6",
      TRUSTED_PROXIES: "127.0.0.1,::1",
    });
  });

  afterAll(async () => {
    await group?.stop();
  });

  /** Calls the servers in turn from this address, and returns the status. */
  async function ask(
    index: number,
    procedure: "auth.login" | "auth.callback",
    address: string,
  ): Promise<number> {
    const headers = {
      "x-csrf": "1",
      "content-type": "application/json",
      "x-forwarded-for": address,
    };
    const visitor = group.createVisitor(index % 2);
    const { status } = await visitor.mutate(procedure, {}, { headers });
    return status;
  }

  it("[R18] share one limit for sign-ins and another for callbacks of an address", async () => {
    const starts: number[] = [];
    const callbacks: number[] = [];

    for (let index = 0; index < 8; index += 1) {
      starts.push(await ask(index, "auth.login", "198.51.100.1"));
      callbacks.push(await ask(index, "auth.callback", "198.51.100.1"));
    }

    expect(starts).toEqual([200, 200, 200, 200, 200, 200, 429, 429]);
    expect(callbacks).toEqual([400, 400, 400, 400, 400, 400, 429, 429]);
  });

  it("[R18] accept exactly six of a hundred concurrent sign-ins", async () => {
    const statuses = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        ask(index, "auth.login", "198.51.100.2"),
      ),
    );

    expect(statuses.filter((status) => status === 200)).toHaveLength(6);
    expect(statuses.filter((status) => status === 429)).toHaveLength(94);
  });
});
