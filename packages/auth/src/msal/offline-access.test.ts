import { describe, expect, it } from "vitest";
import type { ProviderRequest } from "../core/provider/provider-request.js";
import { createOnlineSender, withoutOfflineAccess } from "./offline-access.js";

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

describe("createOnlineSender", () => {
  it("changes forms only", async () => {
    const sent: ProviderRequest[] = [];
    const send = createOnlineSender(async (_, request) => {
      sent.push(request);
      return { status: 200, headers: {}, text: "" };
    });
    const common = {
      headers: {},
      maximumBytes: 1024,
      signal: new AbortController().signal,
    };
    const form = "scope=openid%20offline_access";

    await send("https://login.test/token", {
      ...common,
      method: "POST",
      body: form,
    });
    await send("https://login.test/keys", { ...common, method: "GET" });

    expect(sent).toEqual([
      { ...common, method: "POST", body: "scope=openid" },
      { ...common, method: "GET", body: undefined },
    ]);
  });
});
