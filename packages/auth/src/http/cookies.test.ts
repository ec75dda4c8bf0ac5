import { describe, expect, it } from "vitest";
import type { FlowId } from "../core/identifiers.js";
import {
  createCookieNames,
  formatCookie,
  formatFlowValue,
  formatRemoval,
  listFlowCookieNames,
  listSurplusFlowCookies,
  parseCookies,
  readBrowserToken,
} from "./cookies.js";

const names = createCookieNames({
  appUrl: "https://app.test",
  sameSite: "strict",
});
const browserToken = "b".repeat(43);
const flowId = "f".repeat(22) as FlowId;

function flowCookie(index: number): string {
  return `__Host-Http-flow.flow-${index}=${browserToken}.${1_772_355_600 + index}`;
}

describe("createCookieNames", () => {
  it("uses the __Host-Http- prefix and Secure on https", () => {
    expect(names).toEqual({
      session: "__Host-Http-session",
      flowPrefix: "__Host-Http-flow.",
      attributes: "Path=/; Secure; HttpOnly; SameSite=Strict",
    });
  });

  it.each([
    ["http://localhost:5173", "5173"],
    ["http://127.0.0.1:3000", "3000"],
    ["http://[::1]:3000", "3000"],
    ["http://localhost", "80"],
  ])(
    "puts the port of %s into the name, without prefix and Secure: several apps on one localhost do not sign each other out",
    (appUrl, port) => {
      expect(createCookieNames({ appUrl, sameSite: "strict" })).toEqual({
        session: `session-${port}`,
        flowPrefix: `flow-${port}.`,
        attributes: "Path=/; HttpOnly; SameSite=Strict",
      });
    },
  );

  it.each([
    ["https://app.test:8443", "-8443"],
    ["https://intranet.test/hr", "-hr"],
    ["https://intranet.test/hr-", "-hr-"],
    ["https://intranet.test:8443/hr", "-8443-hr"],
    ["https://intranet.test/hr/leave.v2", "-hr-leave-v2"],
  ])("adds the port and the path of %s to the name", (appUrl, place) => {
    expect(createCookieNames({ appUrl, sameSite: "strict" })).toMatchObject({
      session: `__Host-Http-session${place}`,
      flowPrefix: `__Host-Http-flow${place}.`,
    });
  });

  it("sets SameSite=Lax with sameSite lax", () => {
    const { attributes } = createCookieNames({
      appUrl: "https://app.test",
      sameSite: "lax",
    });

    expect(attributes).toBe("Path=/; Secure; HttpOnly; SameSite=Lax");
  });

  it.each([
    "http://app.test",
    "http://localhost.evil.test",
    "http://10.0.0.1",
    "http://0.0.0.0",
    "http://[::2]",
  ])(
    "[K3] throws for %s, where cookies would be sent unencrypted",
    (appUrl) => {
      expect(() => createCookieNames({ appUrl, sameSite: "strict" })).toThrow(
        TypeError,
      );
    },
  );
});

describe("formatCookie", () => {
  it("writes every attribute", () => {
    expect(formatCookie(names, names.session, "id.secret", 86_400)).toBe(
      "__Host-Http-session=id.secret; Max-Age=86400; Path=/; Secure; HttpOnly; SameSite=Strict",
    );
  });

  it("writes whole seconds", () => {
    expect(formatCookie(names, names.session, "id.secret", 0.9)).toContain(
      "Max-Age=0;",
    );
  });
});

describe("formatRemoval", () => {
  it("uses the attributes that the cookie was set with", () => {
    expect(formatRemoval(names, names.session)).toBe(
      "__Host-Http-session=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict",
    );
  });
});

describe("parseCookies", () => {
  it.each([undefined, null, "", ";", "; ;", "no-equals-sign", "=", "=value"])(
    "reads no session from %j",
    (header) => {
      expect(parseCookies(header).get(names.session)).toBeUndefined();
    },
  );

  it("reads names and values as they are", () => {
    const cookies = parseCookies(" a=1;b=2 ; c=x=y;__proto__=polluted; d=%20");

    expect([...cookies]).toEqual([
      ["a", "1"],
      ["b", "2"],
      ["c", "x=y"],
      ["__proto__", "polluted"],
      ["d", "%20"],
    ]);
  });

  it("returns the first of two cookies with one name", () => {
    expect(parseCookies("session=first; session=second").get("session")).toBe(
      "first",
    );
  });
});

describe("readBrowserToken", () => {
  it("returns the browser token of this flow's cookie", () => {
    const value = formatFlowValue(
      browserToken,
      new Date("2026-03-01T09:00:00Z"),
    );
    const cookies = parseCookies(`__Host-Http-flow.${flowId}=${value}`);

    expect(value).toBe(`${browserToken}.1772355600`);
    expect(readBrowserToken(names, cookies, flowId)).toBe(browserToken);
  });

  it.each([
    `__Host-Http-flow.other=${browserToken}.1772355600`,
    `flow.${flowId}=${browserToken}.1772355600`,
    `__Host-Http-flow.${flowId}=${browserToken}`,
    `__Host-Http-flow.${flowId}=${browserToken}x.1772355600`,
    `__Host-Http-flow.${flowId}=${browserToken}.`,
    `__Host-Http-flow.${flowId}=`,
  ])("returns undefined for %j", (header) => {
    expect(
      readBrowserToken(names, parseCookies(header), flowId),
    ).toBeUndefined();
  });
});

describe("listSurplusFlowCookies", () => {
  it("keeps 29 flow cookies, so that one more makes 30", () => {
    const cookies = parseCookies(
      Array.from({ length: 29 }, (_, index) => flowCookie(index)).join("; "),
    );

    expect(listSurplusFlowCookies(names, cookies)).toEqual([]);
  });

  it("[F10] lists the oldest beyond that, in any order that the browser sends them", () => {
    const sent = Array.from({ length: 32 }, (_, index) =>
      flowCookie((index * 7) % 32),
    );
    const cookies = parseCookies(
      ["theme=dark", ...sent, `${names.session}=x`].join("; "),
    );

    const surplus = listSurplusFlowCookies(names, cookies);

    expect(surplus.toSorted()).toEqual(
      [0, 1, 2].map((index) => `__Host-Http-flow.flow-${index}`),
    );
  });

  it("lists a cookie with an unknown format first", () => {
    const sent = [
      ...Array.from({ length: 29 }, (_, index) => flowCookie(index)),
      "__Host-Http-flow.forged=nonsense",
    ];

    expect(
      listSurplusFlowCookies(names, parseCookies(sent.join("; "))),
    ).toEqual(["__Host-Http-flow.forged"]);
  });
});

describe("listFlowCookieNames", () => {
  it("lists flow cookies and no others", () => {
    const cookies = parseCookies(
      `theme=dark; ${flowCookie(1)}; flow.other=x; ${names.session}=y`,
    );

    expect(listFlowCookieNames(names, cookies)).toEqual([
      "__Host-Http-flow.flow-1",
    ]);
  });
});
