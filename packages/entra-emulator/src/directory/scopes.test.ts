import { describe, expect, it } from "vitest";
import { createDirectory } from "./directory.js";
import { fullNames, parseScopes } from "./scopes.js";

const api = {
  clientId: "orders-client",
  api: { identifierUri: "api://orders", scopes: ["Orders.Read"] },
};
const directory = createDirectory({ tenants: [], people: [], apps: [api] });

describe("parseScopes", () => {
  it("resolves a bare name to Microsoft Graph and returns full names", () => {
    const scopes = parseScopes(
      directory,
      "profile openid User.Read  api://orders/Orders.Read User.Read",
    );

    expect(fullNames(scopes)).toEqual([
      "openid",
      "profile",
      "https://graph.microsoft.com/User.Read",
      "api://orders/Orders.Read",
    ]);
  });

  it("finds a resource by its client ID, and after a double slash", () => {
    const byClientId = parseScopes(directory, "orders-client/.default");
    const doubled = parseScopes(
      directory,
      "https://graph.microsoft.com//.default",
    );

    expect(fullNames(byClientId)).toEqual(["orders-client/.default"]);
    expect(fullNames(doubled)).toEqual([
      "https://graph.microsoft.com/.default",
    ]);
  });

  it.each([
    ["nonsense", 70011],
    ["api://orders/Orders.Write", 70011],
    ["https://graph.microsoft.com/.default User.Read", 70011],
    ["https://unknown.example/Read", 500011],
  ])("refuses %s", (scope, code) => {
    expect(() => parseScopes(directory, scope)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
