import { createClientAddressReader } from "@entrada/auth/http";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  anyEnvironment,
  variableNames,
} from "../../test/support/any-environment.js";
import type { Environment } from "../../test/support/any-environment.js";
import { fuzzSeed } from "../../test/support/fuzz/seed.js";
import { ConfigError, developmentDefaults, parseConfig } from "./config.js";
import type { Config } from "./config.js";

const secretNames = ["AUTH_SECRET", "ENTRA_CLIENT_SECRET"] as const;
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|.+\.localhost)$/;

const parameters = { seed: fuzzSeed, numRuns: 500 };

/** Returns the config, or the error if it is the one that names variables; any other is thrown on. */
function attempt(values: Environment): Config | ConfigError {
  try {
    return parseConfig(values);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

/** Has the property hold for every config that comes of an environment. */
function assertConfig(
  check: (config: Config, values: Environment) => void,
): void {
  fc.assert(
    fc.property(anyEnvironment, (values) => {
      const config = attempt(values);
      if (!(config instanceof ConfigError)) check(config, values);
    }),
    parameters,
  );
}

describe("parseConfig, whatever the environment", () => {
  it("answers a config, or findings that each begin with the name of a variable", () => {
    fc.assert(
      fc.property(anyEnvironment, (values) => {
        const answer = attempt(values);

        if (!(answer instanceof ConfigError)) return;
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

  it("answers no config that lets more people in than a variable which is there says", () => {
    assertConfig(({ tenant, allowedTenants }, values) => {
      const { ENTRA_TENANT: wanted, ENTRA_ALLOWED_TENANTS: allowed } = values;
      if (wanted !== undefined) expect(tenant).toBe(wanted.toLowerCase());
      if (allowed !== undefined)
        expect(allowedTenants?.length).toBe(allowed.split(",").length);
    });
  });

  it("quotes the value of no secret", () => {
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
        const answer = attempt({
          ...values,
          [authSecret]: one,
          [clientSecret]: other,
        });

        if (answer instanceof ConfigError)
          expect(answer.message).not.toContain("planted");
      }),
      { ...parameters, numRuns: 300 },
    );
  });

  it("answers an origin for the app and for the authority, on plain http only where no network is in between", () => {
    assertConfig(({ appUrl, authority }, { NODE_ENV: mode }) => {
      for (const origin of [appUrl, authority]) {
        const { protocol, hostname } = new URL(origin);
        expect(new URL(origin).origin).toBe(origin);
        expect(protocol === "https:" || loopback.test(hostname)).toBe(true);
      }
      if (mode === "production") expect(authority).toMatch(/^https:/);
    });
  });

  it("takes no address with credentials in it", () => {
    assertConfig((_, { APP_URL: appUrl, ENTRA_AUTHORITY: authority }) => {
      expect(`${appUrl} ${authority}`).not.toContain("@");
    });
  });

  it("answers whole numbers within their bounds", () => {
    assertConfig((config) => {
      const { idleTimeoutSeconds, absoluteTimeoutSeconds, flowTimeoutSeconds } =
        config;
      for (const seconds of [
        idleTimeoutSeconds,
        absoluteTimeoutSeconds,
        flowTimeoutSeconds,
      ]) {
        expect(Number.isInteger(seconds)).toBe(true);
        expect(seconds).toBeGreaterThan(0);
        expect(seconds).toBeLessThanOrEqual(366 * 86_400);
      }
      expect(Number.isInteger(config.port)).toBe(true);
      expect(config.port).toBeGreaterThanOrEqual(0);
      expect(config.port).toBeLessThanOrEqual(65_535);
      expect(Number.isInteger(config.signInsPerMinute)).toBe(true);
      expect(config.signInsPerMinute).toBeGreaterThanOrEqual(0);
    });
  });

  it("answers secrets of 32 bytes at least, and always some in production", () => {
    assertConfig(({ authSecrets }, { NODE_ENV: mode }) => {
      expect(authSecrets ?? []).not.toHaveLength(
        authSecrets === undefined ? -1 : 0,
      );
      expect(
        authSecrets?.every(({ byteLength }) => byteLength >= 32) ??
          mode !== "production",
      ).toBe(true);
    });
  });

  it("presents the development registration to nobody but a provider on this machine", () => {
    assertConfig(({ authority, clientId, credential }, values) => {
      if (authority.startsWith("http:")) return;
      const { ENTRA_CLIENT_ID: id, ENTRA_CLIENT_SECRET: secretText } = values;
      if (clientId === developmentDefaults.clientId)
        expect(id?.trim().toLowerCase()).toBe(clientId);
      if ("clientSecret" in credential)
        expect(secretText?.trim()).toBe(credential.clientSecret);
    });
  });

  it("answers tenants that stand in a path as they are", () => {
    assertConfig(({ tenant, allowedTenants = [] }) => {
      for (const name of [tenant, ...allowedTenants])
        expect(name).toMatch(/^[a-z0-9][a-z0-9.-]*$/);
      expect(new URL(`https://login.test/${tenant}/v2.0`).pathname).toBe(
        `/${tenant}/v2.0`,
      );
    });
  });

  it("answers trusted proxies that requests can be told apart by", () => {
    assertConfig(({ trustedProxies }) => {
      expect(() => createClientAddressReader(trustedProxies)).not.toThrow();
    });
  });
});
