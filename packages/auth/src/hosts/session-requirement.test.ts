import { describe, expect, it } from "vitest";
import {
  requireBearer as requireExpressBearer,
  requireSession as requireExpressSession,
} from "../express.js";
import {
  requireBearer as requireFastifyBearer,
  requireSession as requireFastifySession,
} from "../fastify.js";
import {
  requireBearer as requireHonoBearer,
  requireSession as requireHonoSession,
} from "../hono.js";
import type { ActiveSession } from "../core/session/active-session.js";
import type { BearerOptions } from "./bearer-guard.js";
import { createRequirementCheck } from "./session-requirement.js";
import type { SessionRequirement } from "./session-requirement.js";

const active: ActiveSession = {
  user: {
    id: "1",
    tenantId: "tenant",
    objectId: "object",
    name: "Ada",
    preferredUsername: null,
    email: null,
    roles: ["Reader", "Writer"],
    groups: [],
    createdAt: "2026-01-01T00:00:00.000Z",
    lastSignInAt: "2026-01-01T00:00:00.000Z",
  },
  session: {
    id: "1",
    createdAt: "2026-01-01T00:00:00.000Z",
    idleExpiresAt: "2026-01-01T01:00:00.000Z",
    expiresAt: "2026-01-02T00:00:00.000Z",
  },
};

// As an app in JavaScript, which no compiler checks.
const misspelt: SessionRequirement = JSON.parse('{ "rolse": ["Admin"] }');

describe("createRequirementCheck", () => {
  it.each<SessionRequirement>([
    {},
    { role: "Reader" },
    { roles: ["Admin", "Writer"] },
    { role: "Reader", roles: ["Writer"] },
    { tenant: "tenant" },
    { role: undefined, roles: undefined, tenant: undefined },
  ])("accepts a session for %j", (requirement) => {
    const check = createRequirementCheck(requirement);

    expect(() => check(active)).not.toThrow();
  });

  it.each<readonly [SessionRequirement, string]>([
    [{ role: "Admin" }, "role_required"],
    [{ role: "" }, "role_required"],
    [{ roles: [] }, "role_required"],
    [{ roles: ["Admin"] }, "role_required"],
    [{ role: "Admin", roles: ["Reader"] }, "role_required"],
    [{ role: "Reader", roles: ["Admin"] }, "role_required"],
    [{ tenant: "other" }, "tenant_required"],
    [{ role: "Admin", tenant: "other" }, "role_required"],
  ])("refuses a session for %j with %s", (requirement, code) => {
    const check = createRequirementCheck(requirement);

    expect(() => check(active)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ["Express", requireExpressSession],
    ["Fastify", requireFastifySession],
    ["Hono", requireHonoSession],
  ])("[N14] refuses a misspelt option at start in %s", (_, requireSession) => {
    expect(() => requireSession(misspelt)).toThrow(
      'requireSession has no option "rolse"',
    );
  });

  it.each([
    ["Express", requireExpressBearer],
    ["Fastify", requireFastifyBearer],
    ["Hono", requireHonoBearer],
  ])(
    "[N14] refuses a misspelt option of requireBearer at start in %s",
    (_, requireBearer) => {
      const options: BearerOptions = JSON.parse('{ "scope": ["Orders.Read"] }');

      expect(() => requireBearer(options)).toThrow(
        'requireBearer has no option "scope": it has scopes, roles, audience.',
      );
    },
  );
});
