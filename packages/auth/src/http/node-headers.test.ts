import { expect, it } from "vitest";
import { createHeaderReader } from "./node-headers.js";

it.each([
  ["a header", { accept: "text/html" }, ["Accept", "text/html"], "text/html"],
  ["an absent header", {}, [], undefined],
  ["a list of values", { accept: ["a", "b"] }, [], "a, b"],
] as const)("createHeaderReader reads %s", (_, headers, rawHeaders, value) => {
  expect(createHeaderReader({ headers, rawHeaders })("accept")).toBe(value);
});

it.each([
  ["one", ["Authorization", "a", "Accept", "c"], "a"],
  ["both", ["Authorization", "a", "Accept", "c", "authorization", "b"], "a, b"],
  ["the header that a test sets without raw headers,", [], "a"],
] as const)(
  "[B7] createHeaderReader returns %s of the headers Authorization, of which Node keeps the first",
  (_, rawHeaders, value) => {
    const headers = { authorization: "a" };

    expect(createHeaderReader({ headers, rawHeaders })("authorization")).toBe(
      value,
    );
  },
);

it("createHeaderReader reads no Authorization header that the app has removed", () => {
  const incoming = { headers: {}, rawHeaders: ["Authorization", "a"] };

  expect(createHeaderReader(incoming)("authorization")).toBeUndefined();
});
