import { describe, expect, it } from "vitest";
import { createOnlineFetch, withoutOfflineAccess } from "./offline-access.js";

describe("withoutOfflineAccess", () => {
  it.each([
    [
      "https://login.test/authorize?scope=openid%20profile%20offline_access&state=s",
      "https://login.test/authorize?scope=openid%20profile&state=s",
    ],
    [
      "client_id=c&scope=openid+offline_access+profile",
      "client_id=c&scope=openid%20profile",
    ],
    ["scope=offline_access%20openid#x", "scope=openid#x"],
    ["scope=openid%20profile", "scope=openid%20profile"],
    [
      "state=offline_access&xscope=offline_access",
      "state=offline_access&xscope=offline_access",
    ],
    [
      "login_hint=a%26scope%3Doffline_access&scope=openid%20api%3A%2F%2Fx%2Foffline_access",
      "login_hint=a%26scope%3Doffline_access&scope=openid%20api%3A%2F%2Fx%2Foffline_access",
    ],
  ])(
    "removes offline_access from %s, and changes nothing else",
    (encoded, expected) => {
      expect(withoutOfflineAccess(encoded)).toBe(expected);
    },
  );
});

describe("createOnlineFetch", () => {
  it("changes forms only", async () => {
    const sent: (RequestInit | undefined)[] = [];
    const send = createOnlineFetch(async (_, init) => {
      sent.push(init);
      return new Response();
    });

    await send("https://login.test/token", {
      method: "POST",
      body: "scope=openid%20offline_access",
    });
    await send("https://login.test/keys");

    expect(sent).toEqual([{ method: "POST", body: "scope=openid" }, undefined]);
  });
});
