import type {
  INetworkModule,
  NetworkRequestOptions,
  NetworkResponse,
} from "@azure/msal-node";
import type { ProviderError } from "../core/error.js";
import {
  parseClaimsChallenge,
  parseProviderError,
} from "../core/provider/provider-error.js";
import type {
  ProviderRequest,
  SendToProvider,
} from "../core/provider/provider-request.js";

/** The failure of one request on the network, before MSAL translates it. */
export interface NetworkFindings {
  /** The identity provider did not respond, or its response cannot be read. */
  readonly unavailable: unknown;
  /** The identity provider responded with an OAuth 2.0 error (RFC 6749 §5.2). */
  readonly provider: ProviderError | undefined;
  /** The claims challenge of the error. */
  readonly claims: string | undefined;
}

/** A network client for one request, and its findings. */
export interface NetworkClient extends INetworkModule {
  readonly findings: () => NetworkFindings;
}

interface JsonObject {
  readonly [name: string]: unknown;
}

const maximumBodyBytes = 1024 * 1024;
const noFindings: NetworkFindings = {
  unavailable: undefined,
  provider: undefined,
  claims: undefined,
};

/**
 * Creates MSAL's network client. MSAL's own client has no timeout for POST; here the signal aborts every request.
 */
export function createNetworkClient(
  send: SendToProvider,
  signal: AbortSignal,
): NetworkClient {
  let findings: NetworkFindings = noFindings;

  async function request<Body>(
    method: ProviderRequest["method"],
    url: string,
    { headers = {}, body: form }: NetworkRequestOptions = {},
  ): Promise<NetworkResponse<Body>> {
    try {
      const { status, ...response } = await send(url, {
        method,
        headers,
        body: form,
        maximumBytes: maximumBodyBytes,
        signal,
      });
      const body = parseJson<Body & JsonObject>(response.text);
      findings = inspect(status, body);
      return { headers: { ...response.headers }, body, status };
    } catch (error) {
      findings = { ...noFindings, unavailable: error };
      throw error;
    }
  }

  return {
    findings: () => findings,
    sendGetRequestAsync: (url, options) => request("GET", url, options),
    sendPostRequestAsync: (url, options) => request("POST", url, options),
  };
}

function parseJson<Body extends JsonObject>(text: string | undefined): Body {
  if (text === undefined) throw new Error("The response is too long.");
  const body: Body = JSON.parse(text);
  if (typeof body !== "object" || body === null)
    throw new Error("The response is not a JSON object.");
  if (!isClientInfo(body["client_info"]))
    throw new Error("The client_info of the response cannot be read.");
  return body;
}

/** MSAL reads members of the decoded value without checking that it is an object. */
function isClientInfo(clientInfo: unknown): boolean {
  if (clientInfo === undefined) return true;
  if (typeof clientInfo !== "string") return false;
  const decoded: unknown = JSON.parse(
    Buffer.from(clientInfo, "base64url").toString("utf8"),
  );
  return typeof decoded === "object" && decoded !== null;
}

function inspect(status: number, body: JsonObject): NetworkFindings {
  const isUnavailable = status >= 500 || status === 429;
  return {
    provider: parseProviderError(body),
    claims: parseClaimsChallenge(body),
    unavailable: isUnavailable ? new Error(`HTTP status ${status}`) : undefined,
  };
}
