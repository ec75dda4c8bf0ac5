import { describe, expect, it } from "vitest";
import { decodeJwt } from "jose";
import {
  answerOf,
  claimsOf,
  getJson,
  headerOf,
  pick,
  signIn,
  textOf,
} from "../support/relying-party.js";
import {
  builtInPeople,
  builtInTenants,
  demoApp,
  plainApp,
  useEmulator,
} from "../support/test-emulator.js";

const emulator = useEmulator();
const plain = { client_id: plainApp.clientId };
const plainSecret = { client_secret: "plain-secret" };

describe("ID token", () => {
  it("34. has iat = nbf, expires after 3900 seconds, and has an issuer without slash and a header with kid but no x5t", async () => {
    const answer = await signIn(emulator(), "ada@contoso.com");
    const { iat = 0, nbf, exp = 0, iss } = claimsOf(answer);

    expect(nbf).toBe(iat);
    expect(exp - iat).toBe(3900);
    expect(iss).toMatch(/\/v2\.0$/);
    expect(headerOf(answer)).toEqual({
      typ: "JWT",
      alg: "RS256",
      kid: expect.any(String),
    });
  });

  it("35. has a different sub but the same oid for each app, and a different oid for a guest in each tenant", async () => {
    const demo = claimsOf(await signIn(emulator(), "grace@fabrikam.com"));
    const other = claimsOf(
      await signIn(emulator(), "grace@fabrikam.com", plain, {
        token: plainSecret,
      }),
    );
    const guest = claimsOf(
      await signIn(
        emulator(),
        "grace@fabrikam.com",
        {},
        { tenant: "contoso.com" },
      ),
    );

    expect(demo.sub).toMatch(/^[\w-]{43}$/);
    expect(other.sub).not.toBe(demo.sub);
    expect(other.oid).toBe(demo.oid);
    expect(guest.oid).not.toBe(demo.oid);
    expect(guest).toMatchObject({
      tid: builtInTenants.contoso.tenantId,
      idp: `https://sts.windows.net/${builtInTenants.fabrikam.tenantId}/`,
      email: "grace@fabrikam.com",
    });
  });

  it("36. lacks oid, name and preferred_username without profile, and email without email", async () => {
    const bare = claimsOf(
      await signIn(
        emulator(),
        "ada@contoso.com",
        { ...plain, scope: "openid" },
        { token: plainSecret },
      ),
    );
    const profile = claimsOf(
      await signIn(
        emulator(),
        "ada@contoso.com",
        { ...plain, scope: "openid profile" },
        { token: plainSecret },
      ),
    );
    const email = claimsOf(
      await signIn(
        emulator(),
        "ada@contoso.com",
        { ...plain, scope: "openid email" },
        { token: plainSecret },
      ),
    );

    for (const name of ["oid", "name", "preferred_username", "email"])
      expect(bare).not.toHaveProperty(name);
    expect(profile).toMatchObject({
      oid: builtInPeople.ada.home.objectId,
      preferred_username: "ada@contoso.com",
    });
    expect(profile).not.toHaveProperty("email");
    expect(email.email).toBe("ada@contoso.com");
  });

  it("37. names the source of 201 groups instead of the groups, and contains hasgroups for six groups in the front channel", async () => {
    const max = claimsOf(await signIn(emulator(), "max@contoso.com"));
    const ada = claimsOf(await signIn(emulator(), "ada@contoso.com"));
    emulator().addApp({ ...plainApp, optionalIdTokenClaims: ["groups"] });
    const { home } = builtInPeople.ben;
    const groups = Array.from(
      { length: 6 },
      (_, index) => `66000000-0000-4000-8000-00000000000${index}`,
    );
    emulator().control.putPerson({
      ...builtInPeople.ben,
      home: { ...home, groups },
    });
    const front = answerOf(
      await pick(emulator(), "ben@contoso.com", {
        ...plain,
        response_type: "id_token",
      }),
    );
    const back = claimsOf(
      await signIn(emulator(), "ben@contoso.com", plain, {
        token: plainSecret,
      }),
    );
    emulator().control.putPerson(builtInPeople.ben);

    expect(max).not.toHaveProperty("groups");
    expect(max).toMatchObject({ _claim_names: { groups: "src1" } });
    const endpoint = `https://graph.windows.net/${String(max.tid)}/users/${String(max.oid)}/getMemberObjects`;
    expect(max).toMatchObject({ _claim_sources: { src1: { endpoint } } });
    expect(ada.groups).toEqual(builtInPeople.ada.home.groups);
    const frontClaims = decodeJwt(front.id_token ?? "");
    expect(frontClaims).toMatchObject({ hasgroups: true });
    expect(frontClaims).not.toHaveProperty("groups");
    expect(back.groups).toEqual(groups);
  });

  it("contains xms_edov only for a verified e-mail address", async () => {
    const ada = claimsOf(await signIn(emulator(), "ada@contoso.com"));
    const double = claimsOf(
      await signIn(emulator(), "ada.double@fabrikam.com"),
    );
    emulator().updateApp(demoApp.clientId, {
      removeUnverifiedEmail: true,
      edovFormat: "string",
    });
    const removed = claimsOf(
      await signIn(emulator(), "ada.double@fabrikam.com"),
    );
    const text = claimsOf(await signIn(emulator(), "ada@contoso.com"));
    emulator().addApp(demoApp);

    expect(ada).toMatchObject({ email: "ada@contoso.com", xms_edov: true });
    expect(double.email).toBe("ada@contoso.com");
    expect(double).not.toHaveProperty("xms_edov");
    expect(removed).not.toHaveProperty("email");
    expect(text.xms_edov).toBe("1");
  });

  it("contains app roles that the app defines, nonce, sid, login_hint and auth_time", async () => {
    const visit = await pick(emulator(), "ada@contoso.com");
    const ada = claimsOf(await signIn(emulator(), "ada@contoso.com"));
    const ben = claimsOf(await signIn(emulator(), "ben@contoso.com"));

    expect(ada).toMatchObject({
      roles: ["Admin"],
      nonce: "nonce-1",
      ver: "2.0",
      auth_time: 1_777_888_800,
    });
    expect(ada.login_hint).toMatch(/^O\./);
    expect(ben).not.toHaveProperty("roles");
    expect(answerOf(visit).session_state).toHaveLength(36);
  });

  it("names the consumer tenant and expires later for personal accounts", async () => {
    const {
      iat = 0,
      exp = 0,
      tid,
      oid,
      groups,
    } = claimsOf(await signIn(emulator(), "pia@outlook.com"));

    expect(tid).toBe("9188040d-6c67-4c5b-b112-36a304b66dad");
    expect(oid).toMatch(/^00000000-0000-0000-/);
    expect(exp - iat).toBe(86_700);
    expect(groups).toBeUndefined();
  });

  it("has c_hash with a code and at_hash with an access token, and neither at the token endpoint", async () => {
    const hybrid = answerOf(
      await pick(emulator(), "ada@contoso.com", {
        ...plain,
        response_type: "code id_token",
      }),
    );
    const implicit = answerOf(
      await pick(emulator(), "ada@contoso.com", {
        ...plain,
        response_type: "id_token token",
      }),
    );
    const back = claimsOf(await signIn(emulator(), "ada@contoso.com"));

    expect(Object.keys(hybrid)).toEqual([
      "code",
      "id_token",
      "state",
      "session_state",
    ]);
    expect(decodeJwt(hybrid.id_token ?? "")).toHaveProperty("c_hash");
    expect(decodeJwt(implicit.id_token ?? "")).toHaveProperty("at_hash");
    expect(back).not.toHaveProperty("at_hash");
    expect(back).not.toHaveProperty("c_hash");
  });

  it("caps exp by auth_time + max_age", async () => {
    const { exp, auth_time } = claimsOf(
      await signIn(emulator(), "ada@contoso.com", { max_age: "600" }),
    );

    expect(exp).toBe(Number(auth_time) + 600);
  });
});

describe("UserInfo", () => {
  it("returns the same sub as the ID token, and 401 without a Graph token", async () => {
    const answer = await signIn(emulator(), "ada@contoso.com");
    const { body } = await getJson(
      `${emulator().origin}/common/v2.0/.well-known/openid-configuration`,
    );
    const headers = {
      authorization: `Bearer ${textOf(answer, "access_token")}`,
    };

    const userInfo = await fetch(String(body.userinfo_endpoint), { headers });
    const refused = await fetch(String(body.userinfo_endpoint), {
      headers: { authorization: "Bearer nonsense" },
    });

    expect(await userInfo.json()).toMatchObject({
      sub: claimsOf(answer).sub,
      email: "ada@contoso.com",
    });
    expect(refused.status).toBe(401);
  });
});
