import type { BearerOptions } from "../../../src/node.js";

/** The options of `requireBearer` for the paths that it guards. */
export const bearerOptions = {
  "/orders": { scopes: ["Orders.Read"], roles: ["Orders.Export"] },
  "/archive": { scopes: ["Orders.Write", "Orders.Delete"] },
  "/audit": { roles: ["Orders.Audit"] },
  "/other-orders": { audience: "5fa00000-0000-4000-8000-000000000012" },
} as const satisfies Readonly<Record<string, BearerOptions>>;
