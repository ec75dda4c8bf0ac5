import { beforeEach, describe, expect, it } from "vitest";
import {
  findWantedPage,
  forgetWantedPage,
  rememberWantedPage,
  toOwnPage,
} from "./wanted-page.js";

const { origin } = window.location;

beforeEach(() => window.history.replaceState(null, "", "/"));

describe("findWantedPage", () => {
  it("returns the current address", () => {
    window.history.replaceState(null, "", "/workspace?tab=notice#top");

    expect(findWantedPage()).toBe(`${origin}/workspace?tab=notice#top`);
  });

  it("returns the stored page on the callback page", () => {
    rememberWantedPage(`${origin}/account`);
    window.history.replaceState(null, "", "/auth/callback");

    expect(findWantedPage()).toBe(`${origin}/account`);
  });

  it("returns the start page on the callback page if nothing is stored", () => {
    rememberWantedPage(`${origin}/account`);
    forgetWantedPage();
    window.history.replaceState(null, "", "/auth/callback");

    expect(findWantedPage()).toBe(`${origin}/`);
  });
});

describe("toOwnPage", () => {
  it("returns a page of our own origin", () => {
    expect(toOwnPage(`${origin}/a/../workspace?x=1#y`)).toBe(
      `${origin}/workspace?x=1#y`,
    );
  });

  it.each([
    "https://elsewhere.test/",
    "//elsewhere.test",
    "/workspace",
    "javascript:alert(1)",
    `${origin}.elsewhere.test/`,
    `${origin}@elsewhere.test/`,
    `${origin}/auth/callback?code=c`,
    "",
    undefined,
  ])("returns the start page for %s", (url) => {
    expect(toOwnPage(url)).toBe(`${origin}/`);
  });
});
