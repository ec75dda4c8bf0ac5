import { afterEach, describe, expect, it } from "vitest";
import { readAppPath, readAppUrl } from "./app-address.js";

describe("readAppUrl", () => {
  afterEach(() => document.head.replaceChildren());

  it("returns the value that the server inserted into the page", () => {
    const meta = document.createElement("meta");
    meta.name = "app-url";
    meta.content = "https://app.test";
    document.head.append(meta);

    expect(readAppUrl()).toBe("https://app.test");
    expect(readAppPath()).toBe("");
    meta.content = "https://app.test/hr/";
    expect(readAppPath()).toBe("/hr");
  });

  it("returns undefined if the page has no value", () => {
    expect(readAppUrl()).toBeUndefined();
    expect(readAppPath()).toBe("");
  });
});
