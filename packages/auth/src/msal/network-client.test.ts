import { describe, expect, it } from "vitest";
import { createProviderSender } from "../core/provider/provider-request.js";
import type { ProviderRequest } from "../core/provider/provider-request.js";
import { createNetworkClient } from "./network-client.js";

function create(
  respond: () => Response | Promise<Response>,
  signal = new AbortController().signal,
) {
  const requests: { readonly url: string; readonly init: ProviderRequest }[] =
    [];
  const send = createProviderSender({ fetch: async () => respond() });
  const client = createNetworkClient((url, init) => {
    requests.push({ url, init });
    return send(url, init);
  }, signal);
  return { client, requests };
}

const url = "https://login.test/token";

describe("createNetworkClient", () => {
  it("returns status, headers and parsed body", async () => {
    const { client } = create(() =>
      Response.json(
        { access_token: "token" },
        { headers: { "x-ms-request-id": "1" } },
      ),
    );

    const answer = await client.sendPostRequestAsync(url, {
      body: "grant_type=x",
      headers: { accept: "application/json" },
    });

    expect(answer).toMatchObject({
      status: 200,
      headers: { "x-ms-request-id": "1" },
      body: { access_token: "token" },
    });
    expect(client.findings()).toEqual({
      unavailable: undefined,
      provider: undefined,
    });
  });

  it("sends MSAL's headers and body, and aborts with the signal", async () => {
    const { signal } = new AbortController();
    const { client, requests } = create(() => Response.json({}), signal);

    await client.sendPostRequestAsync(url, {
      body: "grant_type=x",
      headers: { accept: "application/json" },
    });
    await client.sendGetRequestAsync(url);

    const limits = { maximumBytes: 1024 * 1024, signal };
    expect(requests).toEqual([
      {
        url,
        init: {
          ...limits,
          method: "POST",
          body: "grant_type=x",
          headers: { accept: "application/json" },
        },
      },
      { url, init: { ...limits, method: "GET", headers: {}, body: undefined } },
    ]);
  });

  it("reports the provider's error with only the values that are safe to show", async () => {
    const body = {
      error: "invalid_grant",
      error_description:
        "AADSTS54005: OAuth2 code was already redeemed: planted-code",
    };
    const { client } = create(() => Response.json(body, { status: 400 }));

    await client.sendPostRequestAsync(url);

    expect(client.findings()).toEqual({
      unavailable: undefined,
      provider: { error: "invalid_grant", aadsts: "AADSTS54005" },
    });
  });

  it("reads suberror, number, IDs and claims challenge from the members of the body", async () => {
    const claims = '{"access_token":{"polids":{"values":["x"]}}}';
    const body = {
      error: "invalid_grant",
      error_description: "worded otherwise",
      error_codes: [50076],
      suberror: "basic_action",
      trace_id: "0f4d8b4e-1111-4a4b-9c9c-1a2b3c4d5e6f",
      correlation_id: "2b4c6d8e-2222-4b5c-8d8d-6f5e4d3c2b1a",
      claims,
    };
    const { client } = create(() => Response.json(body, { status: 400 }));

    await client.sendPostRequestAsync(url);

    expect(client.findings()).toEqual({
      unavailable: undefined,
      provider: {
        error: "invalid_grant",
        suberror: "basic_action",
        aadsts: "AADSTS50076",
        traceId: "0f4d8b4e-1111-4a4b-9c9c-1a2b3c4d5e6f",
        correlationId: "2b4c6d8e-2222-4b5c-8d8d-6f5e4d3c2b1a",
      },
      claims,
    });
  });

  it.each([500, 502, 503, 429])(
    "reports the provider as unavailable for the status %d",
    async (status) => {
      const { client } = create(() =>
        Response.json({ error: "temporarily_unavailable" }, { status }),
      );

      await client.sendPostRequestAsync(url);

      expect(client.findings().unavailable).toBeInstanceOf(Error);
    },
  );

  it.each<[string, () => Response | Promise<Response>]>([
    [
      "the connection fails",
      () => Promise.reject(new TypeError("fetch failed")),
    ],
    [
      "it responds with HTML",
      () => new Response("<html>captive portal</html>"),
    ],
    ["the response is empty", () => new Response("")],
    ["it responds with null", () => Response.json(null)],
    ["it responds with a string", () => Response.json("token")],
    [
      "it responds with more than a megabyte",
      () => Response.json({ padding: "x".repeat(1_100_000) }),
    ],
  ])("reports the provider as unavailable if %s", async (_, respond) => {
    const { client } = create(respond);

    await expect(client.sendPostRequestAsync(url)).rejects.toThrow();

    expect(client.findings().unavailable).toBeInstanceOf(Error);
  });
});
