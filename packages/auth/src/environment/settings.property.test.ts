import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  anyEnvironment,
  variableNames,
} from "../../test/support/any-environment.js";
import type { Environment } from "../../test/support/any-environment.js";
import { fuzzSeed } from "../../test/support/fuzz-seed.js";
import { isLoopbackHost } from "../core/provider/loopback-host.js";
import { createClientAddressReader } from "../http/client-address.js";
import {
  developmentDefaults,
  environmentVariables,
  readSettings,
} from "./settings.js";
import type { ClientSettings, Settings } from "./settings.js";
import { EnvironmentError } from "./variable-reader.js";

const secretNames = ["AUTH_SECRET", "ENTRA_CLIENT_SECRET"] as const;
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|.+\.localhost)$/;

const parameters = { seed: fuzzSeed, numRuns: 500 };

interface Read extends Omit<Settings, "client">, ClientSettings {}

/** Returns the settings, or the error that names variables. Rethrows any other error. */
function attempt(values: Environment): Read | EnvironmentError {
  try {
    const { client, ...settings } = readSettings(values);
    if ("identityClient" in client) throw new Error("No client was read.");
    return { ...settings, ...client };
  } catch (error) {
    if (error instanceof EnvironmentError) return error;
    throw error;
  }
}

/** Checks the property for the settings of every valid environment. */
function assertSettings(
  check: (settings: Read, values: Environment) => void,
): void {
  fc.assert(
    fc.property(anyEnvironment, (values) => {
      const settings = attempt(values);
      if (!(settings instanceof EnvironmentError)) check(settings, values);
    }),
    parameters,
  );
}

describe("environmentVariables", () => {
  it("has every variable for which this test generates values", () => {
    expect(environmentVariables.toSorted()).toEqual(variableNames.toSorted());
  });
});

describe("readSettings, for any environment", () => {
  it("returns settings, or throws findings that each begin with the name of a variable", () => {
    fc.assert(
      fc.property(anyEnvironment, (values) => {
        const answer = attempt(values);

        if (!(answer instanceof EnvironmentError)) return;
        expect(answer.findings.length).toBeGreaterThan(0);
        for (const finding of answer.findings) {
          const [, name = "", remedy = ""] =
            /^([A-Z_]+) (.+)$/s.exec(finding.replace(",", "")) ?? [];
          expect(variableNames).toContain(name);
          expect(remedy).not.toBe("");
        }
      }),
      parameters,
    );
  });

  it("never returns settings that allow more tenants than a variable does", () => {
    assertSettings(({ tenant, options: { allowedTenants } }, values) => {
      const { ENTRA_TENANT: wanted, ENTRA_ALLOWED_TENANTS: allowed } = values;
      if (wanted !== undefined) expect(tenant).toBe(wanted.toLowerCase());
      if (allowed !== undefined)
        expect(allowedTenants?.length).toBe(allowed.split(",").length);
    });
  });

  it("never quotes the value of a secret", () => {
    const planted = fc
      .tuple(
        fc.constantFrom(
          "planted",
          "planted=",
          "planted!",
          "planted,planted",
          "\0planted",
        ),
        fc.constantFrom("", "A".repeat(50), "\n"),
      )
      .map((parts) => parts.join(""));

    fc.assert(
      fc.property(anyEnvironment, planted, planted, (values, one, other) => {
        const [authSecret, clientSecret] = secretNames;
        const result = attempt({
          ...values,
          [authSecret]: one,
          [clientSecret]: other,
        });

        if (result instanceof EnvironmentError)
          expect(result.message).not.toContain("planted");
      }),
      { ...parameters, numRuns: 300 },
    );
  });

  it("returns an origin for the app and the authority, with plain http only for loopback", () => {
    assertSettings(({ options, authority }, { NODE_ENV: mode }) => {
      for (const origin of [options.appUrl, authority]) {
        const { protocol, hostname } = new URL(origin);
        expect(new URL(origin).origin).toBe(origin);
        expect(protocol === "https:" || loopback.test(hostname)).toBe(true);
      }
      if (mode === "production") expect(authority).toMatch(/^https:/);
    });
  });

  it("accepts no URL with credentials", () => {
    assertSettings((_, { APP_URL: appUrl, ENTRA_AUTHORITY: authority }) => {
      expect(`${appUrl} ${authority}`).not.toContain("@");
    });
  });

  it("returns whole numbers within their bounds", () => {
    assertSettings(({ options, database }) => {
      const { session, flow, rateLimit } = options;
      for (const seconds of [
        session?.idleTimeoutSeconds,
        session?.absoluteTimeoutSeconds,
        flow?.timeoutSeconds ?? 600,
      ]) {
        expect(seconds).toSatisfy(Number.isInteger);
        expect(seconds).toBeGreaterThan(0);
        expect(seconds).toBeLessThanOrEqual(366 * 86_400);
      }
      expect(rateLimit?.perMinute).toSatisfy(Number.isInteger);
      expect(rateLimit?.perMinute).toBeGreaterThanOrEqual(0);
      expect(database).toMatchObject({
        poolSize: expect.toSatisfy(
          (size: number) => Number.isInteger(size) && size > 0,
        ),
      });
    });
  });

  it("returns secrets of at least 32 bytes, and always at least one in production", () => {
    assertSettings(({ secrets }, { NODE_ENV: mode }) => {
      expect(secrets ?? []).not.toHaveLength(secrets === undefined ? -1 : 0);
      expect(
        secrets?.every(({ byteLength }) => byteLength >= 32) ??
          mode !== "production",
      ).toBe(true);
    });
  });

  it("returns the development registration only for a provider on a loopback host", () => {
    assertSettings(({ authority, clientId, credential }, values) => {
      if (isLoopbackHost(new URL(authority).hostname)) return;
      const { ENTRA_CLIENT_ID: id, ENTRA_CLIENT_SECRET: secretText } = values;
      if (clientId === developmentDefaults.clientId)
        expect(id?.trim().toLowerCase()).toBe(clientId);
      if ("clientSecret" in credential)
        expect(secretText?.trim()).toBe(credential.clientSecret);
    });
  });

  it("returns tenants that need no escaping in a path", () => {
    assertSettings(({ tenant, options: { allowedTenants = [] } }) => {
      for (const name of [tenant, ...allowedTenants])
        expect(name).toMatch(/^[a-z0-9][a-z0-9.-]*$/);
      expect(new URL(`https://login.test/${tenant}/v2.0`).pathname).toBe(
        `/${tenant}/v2.0`,
      );
    });
  });

  it("returns trusted proxies that createClientAddressReader accepts", () => {
    assertSettings(({ options: { trustedProxies = [] } }) => {
      expect(() => createClientAddressReader(trustedProxies)).not.toThrow();
    });
  });
});
