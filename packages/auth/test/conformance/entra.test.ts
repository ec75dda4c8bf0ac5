import {
  builtInPeople,
  builtInTenants,
  startEntraEmulator,
} from "@entrada/entra-emulator";
import type { EntraEmulator, Fault } from "@entrada/entra-emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  idTokenRefusal,
  startRelyingParty,
  withRelyingParty,
} from "./support/relying-party.js";
import type { RelyingParty } from "./support/relying-party.js";

const { ada, adasDouble, ben, grace, max } = builtInPeople;
const { contoso, fabrikam, consumers } = builtInTenants;
const notAllowed = { code: "tenant_not_allowed", status: 403 } as const;

let emulator: EntraEmulator;
let relyingParty: RelyingParty;

beforeAll(async () => {
  emulator = await startEntraEmulator();
  relyingParty = await startRelyingParty({ emulator });
});

afterAll(async () => {
  await relyingParty?.stop();
  await emulator?.close();
});

/** Makes the provider issue valid tokens of another tenant. */
function tenant(tenantId: string): Fault {
  return {
    type: "id_token_claims",
    set: { tid: tenantId, iss: `${emulator.origin}/${tenantId}/v2.0` },
  };
}

describe("an app of one tenant", () => {
  it("[E1] refuses a token of another tenant", () =>
    withRelyingParty(
      { emulator, environment: { ENTRA_TENANT: contoso.tenantId } },
      (single) => single.expectRefused(tenant(fabrikam.tenantId)),
    ));

  it("[E1] refuses it if the tenant is configured by its domain, which does not contain the tenant ID", () =>
    withRelyingParty(
      { emulator, environment: { ENTRA_TENANT: "contoso.com" } },
      (single) => single.expectRefused(tenant(fabrikam.tenantId)),
    ));

  it("[E1] refuses it if the authority accepts all tenants and only one is allowed", () =>
    withRelyingParty(
      {
        emulator,
        environment: { ENTRA_ALLOWED_TENANTS: contoso.tenantId },
      },
      (single) => single.expectRefusal(notAllowed, tenant(fabrikam.tenantId)),
    ));
});

describe("the tenant of personal accounts", () => {
  it("[E2] is refused on organizations", () =>
    relyingParty.expectRefusal(notAllowed, tenant(consumers.tenantId)));

  it("[E2] is the only tenant accepted on consumers", () =>
    withRelyingParty(
      { emulator, environment: { ENTRA_TENANT: "consumers" } },
      async (personal) => {
        const { pia } = builtInPeople;
        const visitor = personal.createVisitor();

        const refused = await personal.withFaults(
          [tenant(contoso.tenantId)],
          () => visitor.signIn(pia.upn),
        );

        expect(refused.error?.data.authCode).toBe(idTokenRefusal.code);
        expect((await visitor.query("auth.me")).data).toBeNull();
        const honest = await visitor.signIn(pia.upn);
        expect(honest.data).toMatchObject({
          isNewUser: true,
          user: { tenantId: consumers.tenantId },
        });
      },
    ));
});

describe("a guest", () => {
  it("[E4] is a different user in the visited tenant and in the home tenant", async () => {
    const { databasePath } = relyingParty.server;
    const atHome = (await relyingParty.createVisitor().signIn(grace.upn)).data;

    await withRelyingParty(
      {
        emulator,
        databasePath,
        environment: { ENTRA_TENANT: contoso.tenantId },
      },
      async (visited) => {
        const visitor = visited.createVisitor();
        const asGuest = (await visitor.signIn(grace.upn)).data;

        expect(asGuest.user).toMatchObject(grace.guestIn?.[0] ?? {});
        expect(atHome.user).toMatchObject(grace.home);
        expect(asGuest.isNewUser).toBe(true);
        expect(asGuest.user.id).not.toBe(atHome.user.id);
        expect((await visitor.query("auth.me")).data?.user.id).toBe(
          asGuest.user.id,
        );
      },
    );
  });
});

describe("a token without oid", () => {
  it("[I29][E5] is refused, whatever its other claims are", () =>
    relyingParty.expectRefused({
      type: "id_token_claims",
      remove: ["oid"],
      set: { email: ben.upn, xms_edov: true, upn: ben.upn },
    }));
});

describe("one e-mail address in two tenants", () => {
  it("[E6][V1] makes two users, and is stored only if it is verified", async () => {
    const [original, double] = [
      relyingParty.createVisitor(),
      relyingParty.createVisitor(),
    ];
    await original.signIn(ada.upn);

    const answer = await double.signIn(adasDouble.upn);

    const [first, second] = [
      (await original.query("auth.me")).data?.user,
      (await double.query("auth.me")).data?.user,
    ];
    expect(adasDouble.email).toBe(ada.email);
    expect(answer.data.isNewUser).toBe(true);
    expect([first?.email, second?.email]).toEqual([ada.email, null]);
    expect(second?.id).not.toBe(first?.id);
    expect(second).toMatchObject({ ...adasDouble.home, roles: [], groups: [] });
  });

  it("[U2][V1][V2] finds no user by e-mail, upn or preferred_username", async () => {
    await relyingParty.createVisitor().signIn(ada.upn);
    const claimed = {
      email: ada.upn,
      xms_edov: true,
      upn: ada.upn,
      preferred_username: ada.upn,
      name: "Somebody else",
    };
    const { upn, home } = relyingParty.addStranger();

    const answer = await relyingParty.withFaults(
      [{ type: "id_token_claims", set: claimed }],
      () => relyingParty.createVisitor().signIn(upn),
    );

    expect(answer.data.isNewUser).toBe(true);
    expect(answer.data.user).toMatchObject({ ...home, roles: [] });
  });
});

describe("group overage", () => {
  it("[E7] signs the user in without groups, and does not request them", async () => {
    emulator.control.clearRequests();
    const visitor = relyingParty.createVisitor();

    await relyingParty.withFaults(
      [
        {
          type: "id_token_claims",
          set: {
            _claim_sources: {
              src1: { endpoint: `${emulator.origin}/oidc/userinfo` },
            },
          },
        },
      ],
      () => visitor.signIn(max.upn),
    );

    const me = (await visitor.query("auth.me")).data;
    expect(max.home.groups).toHaveLength(201);
    expect(me?.user).toMatchObject({
      objectId: max.home.objectId,
      groups: [],
      roles: [],
    });
    expect(emulator.control.requests("userinfo")).toEqual([]);
  });
});
