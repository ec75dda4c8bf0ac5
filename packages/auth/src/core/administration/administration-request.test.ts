import { describe, expect, it } from "vitest";
import {
  parseAuditListRequest,
  parseSessionReference,
  parseUserListRequest,
  parseUserReference,
} from "./administration-request.js";

const refusal = expect.objectContaining({ code: "invalid_request" });

describe("parseUserListRequest", () => {
  it.each([undefined, null, {}, { search: null, after: null, limit: null }])(
    "parses %j as a request for the first page",
    (input) => {
      expect(parseUserListRequest(input)).toEqual({});
    },
  );

  it("returns the known members and ignores others", () => {
    const input = { search: "ada", after: "id", limit: 100, tenantId: "other" };

    expect(parseUserListRequest(input)).toEqual({
      search: "ada",
      after: "id",
      limit: 100,
    });
  });

  it.each([
    [[]],
    ["text"],
    [{ search: 5 }],
    [{ search: "s".repeat(101) }],
    [{ search: "\ud800" }],
    [{ after: {} }],
    [{ after: "a".repeat(101) }],
    [{ limit: 0 }],
    [{ limit: 101 }],
    [{ limit: 1.5 }],
    [{ limit: "50" }],
  ])("refuses %j", (input) => {
    expect(() => parseUserListRequest(input)).toThrow(refusal);
  });

  it("ignores inherited members", () => {
    const input: unknown = JSON.parse('{"__proto__":{"search":"ada"}}');

    expect(parseUserListRequest(input)).toEqual({});
  });
});

describe("parseAuditListRequest", () => {
  it("returns the known members and ignores others", () => {
    expect(parseAuditListRequest({ before: "id", limit: 1, x: 1 })).toEqual({
      before: "id",
      limit: 1,
    });
    expect(parseAuditListRequest(undefined)).toEqual({});
  });

  it.each([
    ["text"],
    [{ before: 5 }],
    [{ before: "b".repeat(101) }],
    [{ limit: 0 }],
  ])("refuses %j", (input) => {
    expect(() => parseAuditListRequest(input)).toThrow(refusal);
  });
});

describe.each([
  ["parseUserReference", parseUserReference, "userId"],
  ["parseSessionReference", parseSessionReference, "sessionId"],
])("%s", (_, parse, member) => {
  it("returns only the ID", () => {
    expect(parse({ [member]: "id", more: 1 })).toEqual({ [member]: "id" });
  });

  it.each([undefined, null, "", 5, {}, "i".repeat(101)])(
    "refuses the ID %j",
    (id) => {
      expect(() => parse({ [member]: id })).toThrow(refusal);
    },
  );

  it("names the member that is refused", () => {
    expect(() => parse({ [member]: "" })).toThrow(member);
    expect(() => parse({ [member]: 5 })).toThrow(member);
  });

  it.each([undefined, null, "id", []])("refuses the input %j", (input) => {
    expect(() => parse(input)).toThrow(refusal);
  });
});
