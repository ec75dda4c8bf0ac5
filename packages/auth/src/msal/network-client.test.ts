import { describe, expect, it } from "vitest";
import { createNetworkClient } from "./network-client.js";

function create(
  respond: () => Response | Promise<Response>,
  signal = new AbortController().signal,
) {
  const requests: {
    readonly url: string;
    readonly init: RequestInit | undefined;
  }[] = [];
  const send: typeof fetch = async (input, init) => {
    requests.push({ url: String(input), init });
    return respond();
  };
  return { client: createNetworkClient(send, signal), requests };
}

const url = "https://login.test/token";

describe("createNetworkClient", () => {
  it("answers status, headers and parsed body", async () => {
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

  it("sends what MSAL gives, follows no redirect, and ends with the signal", async () => {
    const { signal } = new AbortController();
    const { client, requests } = create(() => Response.json({}), signal);

    await client.sendPostRequestAsync(url, {
      body: "grant_type=x",
      headers: { accept: "application/json" },
    });
    await client.sendGetRequestAsync(url);

    expect(requests).toEqual([
      {
        url,
        init: {
          method: "POST",
          body: "grant_type=x",
          headers: { accept: "application/json" },
          redirect: "error",
          signal,
        },
      },
      { url, init: { method: "GET", redirect: "error", signal } },
    ]);
  });

  it("finds what the provider refused, reduced to values that are safe to show", async () => {
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

  it("finds suberror, number, IDs and claims challenge in the members of the body", async () => {
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
    "finds the provider unavailable where it answers %d",
    async (status) => {
      const { client } = create(() =>
        Response.json({ error: "temporarily_unavailable" }, { status }),
      );

      await client.sendPostRequestAsync(url);

      expect(client.findings().unavailable).toBeInstanceOf(Error);
    },
  );

  it.each<[string, () => Response | Promise<Response>]>([
    ["nobody answers", () => Promise.reject(new TypeError("fetch failed"))],
    ["it answers HTML", () => new Response("<html>captive portal</html>")],
    ["it answers nothing", () => new Response("")],
    ["it answers null", () => Response.json(null)],
    ["it answers a text", () => Response.json("token")],
    [
      "it answers more than a megabyte",
      () => Response.json({ padding: "x".repeat(1_100_000) }),
    ],
  ])("finds the provider unavailable where %s", async (_, respond) => {
    const { client } = create(respond);

    await expect(client.sendPostRequestAsync(url)).rejects.toThrow();

    expect(client.findings().unavailable).toBeInstanceOf(Error);
  });
});
