import type { Dispatcher, request as requestByUndici } from "undici";
import { isLoopbackHost } from "./loopback-host.js";

/** A request to the identity provider. */
export interface ProviderRequest {
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** A longer body of the response is not read to its end. */
  readonly maximumBytes: number;
  /** Aborts the request, and reading its response. */
  readonly signal: AbortSignal;
}

/** The identity provider's response. */
export interface ProviderResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** `undefined` if the body is longer than the request allows. */
  readonly text: string | undefined;
}

/** Sends a request to the identity provider. A redirect is an error. */
export type SendToProvider = (
  url: string,
  request: ProviderRequest,
) => Promise<ProviderResponse>;

/** How requests to the identity provider are sent. */
export interface ProviderConnection {
  /** Sends the requests to the identity provider. Then `proxies` is not used. */
  readonly fetch?: typeof fetch | undefined;
  /**
   * The proxies for requests to the identity provider. Defaults to those of the environment, which is read at the first
   * request. Requests to loopback hosts never use a proxy.
   */
  readonly proxies?: ProxySettings | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxies for requests to the identity provider, as URLs that may contain credentials. */
export interface ProxySettings {
  readonly httpsProxy: string | undefined;
  readonly httpProxy: string | undefined;
  /** Host names without a proxy, separated by commas; `*` for all. */
  readonly noProxy: string | undefined;
}

/** The variables that {@link readProxySettings} reads. The same name in lower case takes precedence. */
export const proxyVariables = [
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "NO_PROXY",
] as const;

// Each limits one step. The signal of a request limits all of them together.
const timeouts = {
  connect: { timeout: 4000 },
  headersTimeout: 8000,
  bodyTimeout: 8000,
};
// Without the second header, any encoding of the response would be acceptable (RFC 9110 §12.5.3).
const commonHeaders = {
  "user-agent": "entrada",
  "accept-encoding": "identity",
};
const redirects: readonly number[] = [301, 302, 303, 307, 308];

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. A blank variable counts as absent.
 *
 * @throws {TypeError} naming the variable if it is not the URL of a proxy; the message does not repeat its value.
 */
export function readProxySettings(environment: Environment): ProxySettings {
  return {
    httpsProxy: readProxyUrl(environment, "HTTPS_PROXY"),
    httpProxy: readProxyUrl(environment, "HTTP_PROXY"),
    noProxy: readVariable(environment, "NO_PROXY")?.value,
  };
}

const sendByEnvironment = createDispatcherSender(() =>
  readProxySettings(process.env),
);

/** Returns the function that sends requests to the identity provider. */
export function createProviderSender({
  fetch: send,
  proxies,
}: ProviderConnection): SendToProvider {
  if (send !== undefined) return createFetchSender(send);
  return proxies === undefined
    ? sendByEnvironment
    : createDispatcherSender(() => proxies);
}

/** Sends requests by the app's own `fetch`, within the same limits. */
function createFetchSender(send: typeof fetch): SendToProvider {
  return async (url, { method, headers, body, signal, maximumBytes }) => {
    const response = await send(url, {
      method,
      headers,
      body: body ?? null,
      redirect: "error",
      signal,
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      text:
        response.body === null
          ? ""
          : await readBoundedText(response.body, maximumBytes),
    };
  };
}

/** Sends requests by undici, whose `request` takes a third of the processor time of `fetch`. */
function createDispatcherSender(
  readSettings: () => ProxySettings,
): SendToProvider {
  let outward: Promise<Dispatcher> | undefined;
  return async (url, { method, headers, body, signal, maximumBytes }) => {
    const { send, direct } = await loadUndici();
    const dispatcher = isOnThisMachine(url)
      ? direct
      : await (outward ??= createOutwardDispatcher(readSettings));
    const response = await send(url, {
      method,
      headers: { ...commonHeaders, ...headers },
      body: body ?? null,
      signal,
      dispatcher,
    }).catch(nameProxyRefusal);
    const text = await readBoundedText(response.body, maximumBytes);
    const { statusCode: status } = response;
    if (redirects.includes(status))
      throw new TypeError(`The identity provider redirects (HTTP ${status}).`);
    return { status, headers: joinHeaders(response.headers), text };
  };
}

interface Undici {
  readonly send: typeof requestByUndici;
  readonly direct: Dispatcher;
}

let loading: Promise<Undici> | undefined;

/** Loaded for the first request, because it takes long. One pool keeps the connections of all identity providers. */
function loadUndici(): Promise<Undici> {
  return (loading ??= import("undici").then(({ Agent, request }) => ({
    send: request,
    direct: new Agent(timeouts),
  })));
}

async function createOutwardDispatcher(
  readSettings: () => ProxySettings,
): Promise<Dispatcher> {
  const { httpsProxy, httpProxy, noProxy } = readSettings();
  const { direct } = await loadUndici();
  if (httpsProxy === undefined && httpProxy === undefined) return direct;
  const { EnvHttpProxyAgent } = await import("undici");
  // All three are set, so that the agent does not read the variables itself.
  return new EnvHttpProxyAgent({
    ...timeouts,
    httpsProxy: httpsProxy ?? "",
    httpProxy: httpProxy ?? "",
    noProxy: noProxy ?? "",
  });
}

/** Adds a code such as `PROXY_RESPONSE_407` to a proxy's error, because logs contain codes and no messages. */
function nameProxyRefusal(error: unknown): never {
  const status = findProxyStatus(error);
  if (status === undefined) throw error;
  throw Object.assign(
    new TypeError(`The proxy responded with ${status}.`, { cause: error }),
    { code: `PROXY_RESPONSE_${status}` },
  );
}

function findProxyStatus(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const [, status] = /^Proxy response \((\d{3})\)/.exec(error.message) ?? [];
  return status ?? findProxyStatus(error.cause);
}

function joinHeaders(
  headers: Dispatcher.ResponseData["headers"],
): ProviderResponse["headers"] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, String(value)]),
  );
}

function readProxyUrl(
  environment: Environment,
  variable: string,
): string | undefined {
  const found = readVariable(environment, variable);
  if (found === undefined || isProxyUrl(found.value)) return found?.value;
  throw new TypeError(
    `${found.name} must be the URL of an HTTP proxy, such as http://proxy.example.com:8080; percent-encode reserved characters in its password`,
  );
}

function readVariable(
  environment: Environment,
  variable: string,
): { readonly name: string; readonly value: string } | undefined {
  for (const name of [variable.toLowerCase(), variable]) {
    const value = environment[name]?.trim() ?? "";
    if (value !== "") return { name, value };
  }
  return undefined;
}

function isProxyUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (
    (protocol === "http:" || protocol === "https:") &&
    isPercentEncoded(username + password)
  );
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Names below `localhost` are also loopback (RFC 6761 §6.3). */
function isOnThisMachine(url: string): boolean {
  const { hostname } = new URL(url);
  return isLoopbackHost(hostname) || hostname.endsWith(".localhost");
}

/** Returns the text of a body; `undefined` if it is longer. In that case the rest is not read and the body is cancelled. */
async function readBoundedText(
  body: AsyncIterable<Uint8Array>,
  maximumBytes: number,
): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the body.
  for await (const chunk of body) {
    length += chunk.byteLength;
    if (length > maximumBytes) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
