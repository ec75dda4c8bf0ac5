import {
  builtInPeople,
  builtInTenants,
  demoApp,
} from "@entrada/entra-emulator";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createServerClock } from "../support/server-clock.js";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";

const { ada, pia } = builtInPeople;

const patience = { timeout: 20_000 };

let site: Site | undefined;

afterEach(async () => {
  await site?.stop();
  site = undefined;
});

async function start(
  environment: Readonly<Record<string, string>>,
): Promise<Site> {
  site = await startSite({ environment });
  return site;
}

/** Returns the lines of the server's log that contain the text. */
function findLines(
  { server }: Pick<Site, "server">,
  text: string,
): readonly string[] {
  return server
    .output()
    .split("\n")
    .filter((line) => line.includes(text));
}

describe("a tenant that does not exist", () => {
  it("is distinguished from an outage, and the log names the variable once at start", async () => {
    const { createVisitor, server, origin } = await start({
      ENTRA_TENANT: "nowhere.example",
    });
    await vi.waitFor(
      () => expect(server.output()).toContain('"tenant.not_found"'),
      patience,
    );

    const visitor = createVisitor();
    const login = await visitor.mutate("auth.login");
    const ready = await fetch(`${origin}/readyz`);

    expect(login.status).toBe(502);
    expect(login.error?.data).toMatchObject({
      authCode: "tenant_not_found",
      provider: { error: "invalid_tenant", aadsts: "AADSTS90002" },
    });
    expect(ready.status).toBe(200);
    const lines = findLines({ server }, '"tenant.not_found"');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: 50,
      error: {
        code: "tenant_not_found",
        provider: {
          aadsts: "AADSTS90002",
          traceId: expect.any(String),
          correlationId: expect.any(String),
        },
        message: expect.stringMatching(/"nowhere\.example".*ENTRA_TENANT/),
      },
    });
  });

  it("is logged with the variable when a sign-in fails", async () => {
    const running = await start({ ENTRA_TENANT: "nowhere.example" });

    await running.createVisitor().mutate("auth.login");

    await vi.waitFor(
      () =>
        expect(findLines(running, '"request.failed"')).toEqual([
          expect.stringContaining("ENTRA_TENANT"),
        ]),
      patience,
    );
  });

  it("is not reported at start if the tenant exists", async () => {
    const running = await start({ ENTRA_TENANT: "contoso.com" });

    const { status } = await running.createVisitor().signIn(ada.upn);

    expect(status).toBe(200);
    expect(findLines(running, "tenant.not_found")).toEqual([]);
  });
});

describe("a server whose clock is wrong", () => {
  it.each([
    ["ahead", 7200],
    ["behind", -7200],
  ])(
    "reports to the visitor and in the log that its clock is %s",
    async (direction, seconds) => {
      const clock = createServerClock();
      const running = await start(clock.environment);
      try {
        clock.advance(seconds);

        const response = await running.createVisitor().signIn(ada.upn);

        const message = `the server's clock is ${direction} by about`;
        expect(response.error?.data.authCode).toBe("id_token_invalid");
        expect(response.error?.message).toContain(message);
        await vi.waitFor(
          () => expect(running.server.output()).toContain(message),
          patience,
        );
      } finally {
        clock.remove();
      }
    },
  );
});

describe("an administrator with a personal account", () => {
  it("[U20] can neither list nor disable users", async () => {
    const { createVisitor, emulator } = await start({ ENTRA_TENANT: "common" });
    emulator.control.setFault({
      type: "id_token_claims",
      set: { roles: ["Admin"] },
    });
    const [visitor, other] = [createVisitor(), createVisitor()];
    const { data } = await visitor.signIn(pia.upn);
    const others = await other.signIn(ada.upn);

    const responses = [
      await visitor.query("admin.users.list"),
      await visitor.query("admin.events.list"),
      await visitor.mutate("admin.users.disable", {
        userId: others.data.user.id,
      }),
      await visitor.mutate("admin.users.enable", {
        userId: others.data.user.id,
      }),
    ];

    expect(data.user).toMatchObject({
      tenantId: builtInTenants.consumers.tenantId,
      roles: ["Admin"],
    });
    expect(
      responses.map(({ status, error }) => [status, error?.data.authCode]),
    ).toEqual(responses.map(() => [403, "tenant_required"]));
    expect((await other.query("auth.me")).data).not.toBeNull();
  });
});

describe("ENTRA_TENANT as a domain", () => {
  it("makes the domain's tenant the operator, whose administrators see entries without a user", async () => {
    const { createVisitor } = await start({
      ENTRA_TENANT: "contoso.com",
      // The registration is set, because the development defaults name an operator.
      ENTRA_CLIENT_ID: demoApp.clientId,
      ENTRA_CLIENT_SECRET: demoApp.clientSecret ?? "",
    });
    const administrator = createVisitor();
    await administrator.signIn(ada.upn);
    const query = await createVisitor().reachCallback(ada.upn);
    await createVisitor().mutate("auth.callback", query);

    await vi.waitFor(async () => {
      const { data } = await administrator.query("admin.events.list");
      expect(data.entries.map(({ code }) => code)).toContain(
        "browser_mismatch",
      );
    }, patience);
  });
});
