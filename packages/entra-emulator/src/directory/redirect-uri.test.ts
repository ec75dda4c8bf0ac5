import { describe, expect, it } from "vitest";
import { findPlatform } from "./redirect-uri.js";

const app = {
  clientId: "app",
  redirectUris: [
    "https://app.example/cb?tenant=1",
    "http://localhost/cb",
    "http://127.0.0.1/cb",
    "https://localhost/cb",
  ],
  spaRedirectUris: ["http://localhost:5173/spa"],
  publicClientRedirectUris: ["myapp://auth"],
};

describe("findPlatform", () => {
  it.each([
    ["https://app.example/cb?tenant=1", "web"],
    ["http://localhost/cb", "web"],
    ["http://localhost:1/cb", "web"],
    ["http://127.0.0.1:8080/cb", "web"],
    ["http://localhost:9/spa", "spa"],
    ["myapp://auth", "publicClient"],
  ])("accepts %s", (uri, platform) => {
    expect(findPlatform(app, uri)).toBe(platform);
  });

  it.each([
    "https://app.example/cb",
    "https://app.example/cb?tenant=2",
    "https://app.example:8443/cb?tenant=1",
    "https://app.example.evil.example/cb?tenant=1",
    "https://localhost:8443/cb",
    "http://localhost/CB",
    "http://localhost/cb/",
    "http://localhost:1@evil.example/cb",
    "http://localhost.evil.example/cb",
    "http://localhost:/cb",
    "not a URI",
    "",
  ])("refuses %s", (uri) => {
    expect(findPlatform(app, uri)).toBeUndefined();
  });

  it("compares the port of 127.0.0.1 if ignoreLoopbackPort is false", () => {
    expect(
      findPlatform(
        { ...app, ignoreLoopbackPort: false },
        "http://127.0.0.1:8080/cb",
      ),
    ).toBeUndefined();
  });
});
