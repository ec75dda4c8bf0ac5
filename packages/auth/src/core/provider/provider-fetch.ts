import type { Response as UndiciResponse } from "undici";
import { isLoopbackHost } from "./loopback-host.js";

type SendRequest = (request: Request) => Promise<Response>;

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

/**
 * Creates the `fetch` for requests to the identity provider. It uses the proxies of the environment, which is read at
 * the first request, and never uses a proxy for a loopback host.
 */
export function createProviderFetch(
  environment: Environment = process.env,
): typeof fetch {
  let loading: Promise<SendRequest | undefined> | undefined;
  return async (input, init) => {
    if (isOnThisMachine(input)) return fetch(input, init);
    loading ??= createProxySender(environment);
    const sendByProxy = await loading;
    return sendByProxy === undefined
      ? fetch(input, init)
      : sendByProxy(new Request(input, init));
  };
}

/** The default `fetch` for requests to the identity provider. */
export const providerFetch: typeof fetch = createProviderFetch();

/** The statuses of a `Response` without a body (Fetch Standard, "null body status"). */
const bodilessStatuses: readonly number[] = [101, 204, 205, 304];

async function createProxySender(
  environment: Environment,
): Promise<SendRequest | undefined> {
  const { httpsProxy, httpProxy, noProxy } = readProxySettings(environment);
  if (httpsProxy === undefined && httpProxy === undefined) return undefined;
  // Loaded only if there is a proxy.
  const { EnvHttpProxyAgent, fetch: fetchByDispatcher } =
    await import("undici");
  // All three are set, so that the agent does not read the variables itself.
  const dispatcher = new EnvHttpProxyAgent({
    httpsProxy: httpsProxy ?? "",
    httpProxy: httpProxy ?? "",
    noProxy: noProxy ?? "",
  });
  return async ({ url, method, headers, body, redirect, signal }) => {
    const response = await fetchByDispatcher(url, {
      method,
      headers: [...headers],
      body: body === null ? null : await new Response(body).arrayBuffer(),
      redirect,
      signal,
      dispatcher,
    }).catch(nameProxyRefusal);
    return toGlobalResponse(response);
  };
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

/** Converts undici's `Response` to the global class, which callers expect. */
function toGlobalResponse(response: UndiciResponse): Response {
  const { status, statusText, headers, body } = response;
  const hasBody = body !== null && !bodilessStatuses.includes(status);
  return new Response(hasBody ? toGlobalStream(body) : null, {
    status,
    statusText,
    headers: [...headers],
  });
}

/** Reads the body only on demand, so that a reader's limit also applies behind a proxy. */
function toGlobalStream(
  body: AsyncIterable<Uint8Array>,
): ReadableStream<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => {
      await chunks.return?.();
    },
  });
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
function isOnThisMachine(input: string | URL | Request): boolean {
  const { hostname } = new URL(input instanceof Request ? input.url : input);
  return isLoopbackHost(hostname) || hostname.endsWith(".localhost");
}

/**
 * Returns the text of a response's body; `undefined` if it is longer than this many bytes. In that case the rest is not
 * read and the body is cancelled.
 */
export async function readBoundedText(
  response: Response,
  maximumBytes: number,
): Promise<string | undefined> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the body.
  for await (const chunk of response.body) {
    length += chunk.byteLength;
    if (length > maximumBytes) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
