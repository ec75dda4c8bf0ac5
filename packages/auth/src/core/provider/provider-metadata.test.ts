import { describe, expect, it } from "vitest";
import { createFakeIdentityProvider } from "../../testing/provider/fake-identity-provider.js";
import type { FakeIdentityProvider } from "../../testing/provider/fake-identity-provider.js";
import { testTenants } from "../../testing/provider/test-people.js";
import type { ProviderMetadata } from "./identity-provider.js";
import { fetchMetadata } from "./provider-metadata.js";
import { createProviderSender } from "./provider-request.js";

const authority = "https://login.test";
const clientId = "5f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10";

function read(
  changes: {
    readonly members?: Readonly<Record<string, unknown>>;
    readonly authority?: string;
    readonly tenant?: string;
  } = {},
): Promise<ProviderMetadata> {
  const { members = {}, ...place } = {
    authority,
    tenant: "organizations",
    ...changes,
  };
  const provider = createFakeIdentityProvider(place);
  provider.changeMetadata(members);
  return fetchMetadata({
    ...place,
    clientId,
    send: createProviderSender(provider),
    timeoutMilliseconds: 1000,
  });
}

function answer(
  respond: () => Response | Promise<Response>,
): Promise<ProviderMetadata> {
  const provider: FakeIdentityProvider = createFakeIdentityProvider();
  provider.answerWith("metadata", respond);
  return fetchMetadata({
    authority,
    tenant: "organizations",
    clientId,
    send: createProviderSender(provider),
    timeoutMilliseconds: 1000,
  });
}

const refusal = { code: "identity_provider_unavailable" };

const document = {
  issuer: "https://login.test/{tenantid}/v2.0",
  authorization_endpoint: "https://login.test/organizations/authorize",
  token_endpoint: "https://login.test/organizations/token",
  jwks_uri: "https://login.test/organizations/keys",
};

describe("fetchMetadata", () => {
  it("returns the values of the discovery document", async () => {
    await expect(read()).resolves.toMatchObject({
      issuer: "https://login.test/{tenantid}/v2.0",
      authorizationEndpoint:
        "https://login.test/organizations/oauth2/v2.0/authorize",
      tokenEndpoint: "https://login.test/organizations/oauth2/v2.0/token",
      jwksUri: "https://login.test/organizations/discovery/v2.0/keys",
      endSessionEndpoint: "https://login.test/organizations/oauth2/v2.0/logout",
      requiresIssParameter: false,
    });
  });

  it("reads whether every authorization response must have iss", async () => {
    const members = { authorization_response_iss_parameter_supported: true };

    await expect(read({ members })).resolves.toMatchObject({
      requiresIssParameter: true,
    });
  });

  it.each([
    ["organizations", "https://login.test/{tenantid}/v2.0"],
    ["common", "https://login.test/{tenantid}/v2.0"],
    ["consumers", `https://login.test/${testTenants.consumers}/v2.0`],
    [testTenants.contoso, `https://login.test/${testTenants.contoso}/v2.0`],
    ["contoso.test", `https://login.test/${testTenants.contoso}/v2.0`],
  ])("accepts for the tenant %s the issuer %s", async (tenant, issuer) => {
    await expect(read({ tenant, members: { issuer } })).resolves.toMatchObject({
      issuer,
    });
  });

  it.each([
    ["organizations", "https://evil.test/{tenantid}/v2.0"],
    ["organizations", "https://login.test.evil.test/{tenantid}/v2.0"],
    ["organizations", "https://login.test@evil.test/{tenantid}/v2.0"],
    ["organizations", "http://login.test/{tenantid}/v2.0"],
    ["organizations", "https://login.test:8443/{tenantid}/v2.0"],
    ["organizations", "https://login.test/{tenantid}"],
    ["organizations", "https://login.test/x/{tenantid}/v2.0"],
    ["organizations", "https://login.test/{tenantid}/v2.0/x"],
    ["organizations", "https://login.test/{tenantid}/v2.0?x=1"],
    ["organizations", "https://login.test/{tenantid}/v2.0#x"],
    ["organizations", "https://login.test/contoso.test/v2.0"],
    ["organizations", "{tenantid}"],
    ["organizations", ""],
    ["consumers", `https://login.test/${testTenants.contoso}/v2.0`],
    [testTenants.contoso, `https://login.test/${testTenants.fabrikam}/v2.0`],
    ["contoso.test", "https://login.test/{tenantid}/v2.0"],
    ["contoso.test", "https://login.test/contoso.test/v2.0"],
  ])(
    "refuses for the tenant %s the issuer %j (discovery-issuer-mismatch)",
    async (tenant, issuer) => {
      await expect(read({ tenant, members: { issuer } })).rejects.toMatchObject(
        refusal,
      );
    },
  );

  it.each([
    ["consumers", testTenants.consumers],
    [testTenants.contoso, testTenants.contoso],
  ])(
    "fills in the template of an issuer for the single tenant %s",
    async (tenant, tenantId) => {
      const issuer = "https://login.test/{tenantid}/v2.0";

      const metadata = await read({ tenant, members: { issuer } });

      expect(metadata.issuer).toBe(`https://login.test/${tenantId}/v2.0`);
    },
  );

  it.each([
    ["http://localhost:5180", "http://127.0.0.1:5180", true],
    ["http://127.0.0.1:5180", "http://localhost:5180", true],
    ["http://localhost:5180", "http://[::1]:5180", true],
    ["http://localhost:5180", "http://127.0.0.1:5181", false],
    ["http://localhost:5180", "https://127.0.0.1:5180", false],
    ["http://localhost:5180", "http://evil.test:5180", false],
    ["https://localhost:5180", "https://127.0.0.1:5180", false],
    ["https://login.test", "http://localhost", false],
  ])(
    "accepts for the authority %s an issuer at %s: %s",
    async (place, issuerOrigin, isAccepted) => {
      const reading = read({
        authority: place,
        members: { issuer: `${issuerOrigin}/{tenantid}/v2.0` },
      });

      await expect(
        reading.then(
          () => true,
          () => false,
        ),
      ).resolves.toBe(isAccepted);
    },
  );

  it("names the expected issuer and the one found", async () => {
    const issuer = `https://evil.test/${"x".repeat(300)}/v2.0`;

    const reading = read({ tenant: "consumers", members: { issuer } });

    await expect(reading).rejects.toThrow(
      `The identity provider's discovery document was refused: issuer must be ` +
        `"https://login.test/${testTenants.consumers}/v2.0", found "${issuer.slice(0, 200)}".`,
    );
  });

  it.each([
    ["organizations", "{tenantid}"],
    ["common", "{tenantid}"],
    ["contoso.test", "<tenant ID>"],
    [testTenants.contoso, testTenants.contoso],
  ])(
    "names for the tenant %s an expected issuer with %s",
    async (tenant, expected) => {
      const reading = read({
        tenant,
        members: { issuer: "https://evil.test" },
      });

      await expect(reading).rejects.toThrow(
        `must be "https://login.test/${expected}/v2.0"`,
      );
    },
  );

  it("names the refused endpoint", async () => {
    const endpoint = "http://login.test/token";

    const reading = read({ members: { token_endpoint: endpoint } });

    await expect(reading).rejects.toThrow(
      `token_endpoint must be https, found "${endpoint}"`,
    );
  });

  it.each([
    ["not a URL", "not a URL"],
    [5, "number"],
    [undefined, "undefined"],
  ])(
    "names the endpoint if it is %j, which is not a URL",
    async (value, found) => {
      const reading = read({ members: { jwks_uri: value } });

      await expect(reading).rejects.toThrow(
        `jwks_uri must be a URL, found "${found}"`,
      );
    },
  );

  it("sends the client ID as appid, for keys that are published only for this app", async () => {
    const urls: string[] = [];
    const provider = createFakeIdentityProvider();

    await fetchMetadata({
      authority,
      tenant: "organizations",
      clientId,
      send: createProviderSender({
        fetch: (input) => {
          urls.push(String(input));
          return provider.fetch(input);
        },
      }),
      timeoutMilliseconds: 1000,
    });

    expect(urls).toEqual([
      `https://login.test/organizations/v2.0/.well-known/openid-configuration?appid=${clientId}`,
    ]);
  });

  it.each([
    [
      `https://${testTenants.contoso}.ciamlogin.com/${testTenants.contoso}/v2.0`,
      true,
    ],
    [
      `https://${testTenants.fabrikam}.ciamlogin.com/${testTenants.contoso}/v2.0`,
      false,
    ],
    [
      `https://${testTenants.contoso}.ciamlogin.com.evil.test/${testTenants.contoso}/v2.0`,
      false,
    ],
    [`https://evil.test/${testTenants.contoso}/v2.0`, false],
  ])(
    "accepts for an External ID directory the issuer %s: %s",
    async (issuer, isAccepted) => {
      const isIssuerAccepted = async (tenant: string) =>
        read({
          authority: "https://contoso.ciamlogin.com",
          tenant,
          members: { issuer },
        }).then(
          () => true,
          () => false,
        );

      expect(
        await Promise.all(
          [testTenants.contoso, "contoso.test"].map(isIssuerAccepted),
        ),
      ).toEqual([isAccepted, isAccepted]);
    },
  );

  it.each([
    [testTenants.contoso, testTenants.contoso, true],
    [testTenants.contoso, testTenants.fabrikam, false],
    ["contoso.test", testTenants.contoso, false],
    ["organizations", testTenants.contoso, false],
    ["common", testTenants.contoso, false],
  ])(
    "[I53] accepts behind a custom domain, for the tenant %s, the External ID issuer of %s: %s",
    async (tenant, tenantId, isAccepted) => {
      const issuer = `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0`;

      const reading = read({
        authority: "https://login.contoso.test",
        tenant,
        members: { issuer },
      });

      await expect(
        reading.then(
          (metadata) => metadata.issuer === issuer,
          () => false,
        ),
      ).resolves.toBe(isAccepted);
    },
  );

  it.each([
    `http://${testTenants.contoso}.ciamlogin.com/${testTenants.contoso}/v2.0`,
    `https://${testTenants.contoso}.ciamlogin.com:8443/${testTenants.contoso}/v2.0`,
    `https://${testTenants.contoso}.ciamlogin.com.evil.test/${testTenants.contoso}/v2.0`,
    `https://contoso.ciamlogin.com/${testTenants.contoso}/v2.0`,
    `https://evil.test/${testTenants.contoso}/v2.0`,
    "https://{tenantid}.ciamlogin.com/{tenantid}/v2.0",
  ])("[I53] refuses behind a custom domain the issuer %s", async (issuer) => {
    const reading = read({
      authority: "https://login.contoso.test",
      tenant: testTenants.contoso,
      members: { issuer },
    });

    await expect(reading).rejects.toMatchObject(refusal);
  });

  it("refuses for a plain-http authority an issuer on another host", async () => {
    const issuer = `https://${testTenants.contoso}.ciamlogin.com/${testTenants.contoso}/v2.0`;

    const reading = fetchMetadata({
      authority: "http://contoso.ciamlogin.com",
      tenant: testTenants.contoso,
      clientId,
      send: createProviderSender({
        fetch: async () => Response.json({ ...document, issuer }),
      }),
      timeoutMilliseconds: 1000,
    });

    await expect(reading).rejects.toMatchObject(refusal);
  });

  it.each([
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "end_session_endpoint",
  ])(
    "refuses a document of an https authority whose %s is plain http",
    async (name) => {
      await expect(
        read({ members: { [name]: "http://login.test/x" } }),
      ).rejects.toMatchObject(refusal);
    },
  );

  it("accepts plain-http endpoints of a loopback authority", async () => {
    await expect(
      read({ authority: "http://localhost:5180" }),
    ).resolves.toMatchObject({
      tokenEndpoint: "http://localhost:5180/organizations/oauth2/v2.0/token",
    });
  });

  it.each([
    ["issuer", undefined],
    ["issuer", 5],
    ["authorization_endpoint", undefined],
    ["token_endpoint", "not a URL"],
    ["token_endpoint", "javascript:alert(1)"],
    ["jwks_uri", "file:///etc/passwd"],
    ["jwks_uri", "xhttps://login.test/keys"],
    ["jwks_uri", ["https://login.test/keys"]],
    ["jwks_uri", null],
  ])("refuses a document whose %s is %j", async (name, value) => {
    await expect(read({ members: { [name]: value } })).rejects.toMatchObject(
      refusal,
    );
  });

  it.each([undefined, null, 5, "javascript:alert(1)", ["https://login.test"]])(
    "ignores an end session endpoint of %j",
    async (endpoint) => {
      const metadata = await read({
        members: { end_session_endpoint: endpoint },
      });

      expect(metadata.endSessionEndpoint).toBeUndefined();
    },
  );

  it.each<[string, () => Response | Promise<Response>]>([
    ["a text with status 500", () => new Response("down", { status: 500 })],
    [
      "a valid document with status 500",
      () => Response.json(document, { status: 500 }),
    ],
    ["an object with status 404", () => Response.json({}, { status: 404 })],
    ["HTML", () => new Response("<html>captive portal</html>")],
    ["an empty body", () => new Response("")],
    ["a list", () => Response.json([])],
    ["null", () => Response.json(null)],
    ["a string", () => Response.json("issuer")],
    ["half a document", () => new Response('{"issuer":')],
    [
      "a valid document that is too long",
      () => new Response(JSON.stringify(document).padEnd(256 * 1024 + 1)),
    ],
    [
      "missing because the connection is refused",
      () => Promise.reject(new TypeError("fetch failed")),
    ],
    [
      "missing because of a timeout",
      () => Promise.reject(new DOMException("timed out", "TimeoutError")),
    ],
  ])(
    "throws identity_provider_unavailable if the response is %s",
    async (_, respond) => {
      await expect(answer(respond)).rejects.toMatchObject(refusal);
    },
  );

  it("reads a document of up to 256 KiB", async () => {
    const longest = JSON.stringify(document).padEnd(256 * 1024);

    const metadata = await answer(() => new Response(longest));

    expect(metadata.issuer).toBe(document.issuer);
  });

  it("names the status of an error response", async () => {
    const reading = answer(() => new Response("down", { status: 503 }));

    await expect(reading).rejects.toThrow("responded with status 503");
  });

  it("keeps the original error as the cause if the document cannot be read", async () => {
    const reason = new TypeError("fetch failed");

    const reading = answer(() => Promise.reject(reason));

    await expect(reading).rejects.toMatchObject({ ...refusal, cause: reason });
  });

  it("requests JSON, follows no redirect and has a timeout", async () => {
    const requests: RequestInit[] = [];
    const provider = createFakeIdentityProvider();
    const send: typeof fetch = (input, init) => {
      requests.push(init ?? {});
      return provider.fetch(input);
    };

    await fetchMetadata({
      authority,
      tenant: "organizations",
      clientId,
      send: createProviderSender({ fetch: send }),
      timeoutMilliseconds: 1000,
    });

    expect(requests).toMatchObject([
      {
        headers: { accept: "application/json" },
        redirect: "error",
        signal: expect.any(AbortSignal),
      },
    ]);
  });

  it("percent-encodes the tenant and the client ID", async () => {
    const urls: string[] = [];
    const send: typeof fetch = async (input) => {
      urls.push(String(input));
      return new Response("", { status: 404 });
    };

    await fetchMetadata({
      authority,
      tenant: "../evil?x#y",
      clientId: "client 1&x#y",
      send: createProviderSender({ fetch: send }),
      timeoutMilliseconds: 1000,
    }).catch(() => undefined);

    expect(urls).toEqual([
      "https://login.test/..%2Fevil%3Fx%23y/v2.0/.well-known/openid-configuration?appid=client%201%26x%23y",
    ]);
  });

  it.each([
    [
      "AADSTS90002",
      "invalid_tenant",
      "AADSTS90002: Tenant 'x' not found. Check to make sure you have the correct tenant ID.",
    ],
    [
      "AADSTS900023",
      "invalid_request",
      "AADSTS900023: Specified tenant identifier 'x' is neither a valid DNS name, nor a valid external domain.",
    ],
    [undefined, "invalid_tenant", undefined],
  ])(
    "throws tenant_not_found with Entra's error for %s %s",
    async (aadsts, error, description) => {
      const [traceId, correlationId] = [
        "11111111-1111-4111-8111-111111111111",
        "22222222-2222-4222-8222-222222222222",
      ];
      const ids = ` Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: 2026-11-27 10:00:00Z`;

      const reading = answer(() =>
        Response.json(
          {
            error,
            error_description:
              description === undefined ? undefined : description + ids,
          },
          { status: 400 },
        ),
      );

      await expect(reading).rejects.toMatchObject({
        code: "tenant_not_found",
        message:
          'https://login.test has no tenant "organizations". Correct the option tenant (ENTRA_TENANT).',
        provider:
          description === undefined
            ? { error }
            : { error, aadsts, traceId, correlationId },
      });
    },
  );

  it.each([
    [
      "AADSTS90038: Tenant 'x' request is being redirected to the National Cloud 'microsoftonline.us'.",
      "https://login.microsoftonline.us",
    ],
    [
      "AADSTS90038: Tenant 'x' specified belongs to the National Cloud 'Partner.MicrosoftOnline.CN'.",
      "https://login.partner.microsoftonline.cn",
    ],
  ])(
    "names the authority of the cloud in the description %s",
    async (description, right) => {
      const reading = answer(() =>
        Response.json(
          { error: "invalid_request", error_description: description },
          { status: 400 },
        ),
      );

      await expect(reading).rejects.toMatchObject({
        code: "tenant_not_found",
        message: `The tenant "organizations" belongs to another cloud. Set the option authority (ENTRA_AUTHORITY) to ${right}.`,
        provider: { aadsts: "AADSTS90038" },
      });
    },
  );

  it.each([
    [{ cloud_instance_name: "microsoftonline.us" }],
    [{ token_endpoint: "https://login.microsoftonline.us/x/token" }],
    [
      {
        issuer: `https://login.microsoftonline.us/${testTenants.contoso}/v2.0`,
      },
    ],
  ])("names the authority of the cloud in the document %j", async (members) => {
    const reading = read({
      authority: "https://login.microsoftonline.com",
      tenant: testTenants.contoso,
      members,
    });

    await expect(reading).rejects.toMatchObject({
      code: "tenant_not_found",
      message: expect.stringContaining("https://login.microsoftonline.us"),
    });
  });

  it("accepts a document of the authority's own cloud, or of any cloud if the authority is not a cloud's", async () => {
    const own = await read({
      authority: "https://login.microsoftonline.us",
      members: { cloud_instance_name: "microsoftonline.us" },
    });
    const customer = await read({
      authority: "https://contoso.ciamlogin.com",
      members: { cloud_instance_name: "microsoftonline.com" },
    });

    expect([own.issuer, customer.issuer]).toEqual([
      "https://login.microsoftonline.us/{tenantid}/v2.0",
      "https://contoso.ciamlogin.com/{tenantid}/v2.0",
    ]);
  });

  it.each<[string, () => Response]>([
    [
      "another error",
      () =>
        Response.json(
          {
            error: "temporarily_unavailable",
            error_description: "AADSTS90033: A transient error has occurred.",
          },
          { status: 503 },
        ),
    ],
    [
      "invalid_tenant with status 503",
      () =>
        Response.json(
          { error: "invalid_tenant", error_description: "AADSTS90033: x" },
          { status: 503 },
        ),
    ],
  ])(
    "throws identity_provider_unavailable if the response is %s",
    async (_, respond) => {
      await expect(answer(respond)).rejects.toMatchObject({
        ...refusal,
        provider: { aadsts: "AADSTS90033" },
      });
    },
  );

  it("[I54] reads at most 256 KiB of a document or an error response", async () => {
    const block = new Uint8Array(64 * 1024).fill(0x20);
    const findings = [];
    for (const status of [200, 400]) {
      let sent = 0;
      const endless = new ReadableStream<Uint8Array>(
        {
          pull: (controller) => {
            sent += 1;
            controller.enqueue(block);
          },
        },
        { highWaterMark: 0 },
      );
      const reading = answer(() => new Response(endless, { status }));
      await expect(reading).rejects.toMatchObject(refusal);
      findings.push(sent);
    }

    expect(findings).toEqual([5, 5]);
  });
});
