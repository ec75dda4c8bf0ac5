import type { FuzzResponse } from "./responses.js";
import type { FuzzRequest } from "./wire.js";

/** The statuses with which Node itself refuses malformed or oversized requests. */
const parserStatuses: readonly number[] = [400, 408, 413, 417, 431];
const traces =
  /\bat [^\n]+:\d+:\d+|node_modules|node:internal|file:\/\/\/|SQLITE_|root:x:|"main":|createRequire/;
const anyToken = /eyJ[\w-]{16,}\.eyJ/;

/**
 * Returns the faults of the response to a request.
 *
 * @param secrets What no response may contain.
 */
export function findFaults(
  request: FuzzRequest,
  response: FuzzResponse,
  secrets: readonly string[],
): readonly string[] {
  const { status, headers, body } = response;
  const faults: string[] = [];
  if (status >= 500) faults.push(`${status} is a server error`);
  if (status < 200 || status > 599)
    faults.push(`${status} is not a valid status`);
  if (secrets.some((secret) => formatWhole(response).includes(secret)))
    faults.push("contains a secret");
  if (anyToken.test(body)) faults.push("contains a token");
  if (!isScript(response) && traces.test(body))
    faults.push("contains internal details");
  if (isByParser(request, response)) return faults;

  const isOurs = request.area === "trpc" || request.area === "auth";
  if (isOurs && headers.get("cache-control") !== "no-store")
    faults.push(`can be cached: ${headers.get("cache-control")}`);
  if (headers.get("x-powered-by") !== undefined)
    faults.push("has X-Powered-By");
  if (request.area === "trpc")
    faults.push(...findErrorFaults(request, response));
  return faults;
}

function findErrorFaults(
  { method }: FuzzRequest,
  { status, headers, body }: FuzzResponse,
): readonly string[] {
  if (method === "HEAD") return [];
  const results = readResults(body);
  if (results === undefined) return ["is not JSON"];
  const errors = results.filter(isError);
  const faults = errors
    .filter((error) => !hasAuthCode(error))
    .map(() => "has an error without authCode");
  if (status >= 400 && errors.length === 0)
    faults.push("has an error status but no error");
  if (body.includes('"authorizationUrl":') && !headers.has("set-cookie"))
    faults.push("starts a sign-in without a flow cookie");
  return faults;
}

/** Returns the results of a call, a batch or a streamed batch; `undefined` if they are not JSON. */
function readResults(body: string): readonly unknown[] | undefined {
  return parseTexts([body])?.flat() ?? parseTexts(body.trimEnd().split("\n"));
}

function parseTexts(texts: readonly string[]): readonly unknown[] | undefined {
  try {
    return texts.map((text): unknown => JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isError(result: unknown): boolean {
  return JSON.stringify(result).includes('"error":');
}

function hasAuthCode(result: unknown): boolean {
  return /"authCode":"[a-z_]+"/.test(JSON.stringify(result));
}

/** Whether Node's parser refused the request before it reached the server's code. */
function isByParser(
  { isBroken }: FuzzRequest,
  { status, headers, body }: FuzzResponse,
): boolean {
  return (
    isBroken &&
    parserStatuses.includes(status) &&
    body === "" &&
    headers.get("content-type") === undefined
  );
}

/** Bundles are public and contain library messages that look like internal details. */
function isScript({ headers }: FuzzResponse): boolean {
  return /javascript|css/.test(headers.get("content-type") ?? "");
}

function formatWhole({ headers, body }: FuzzResponse): string {
  return `${[...headers.values()].join("\n")}\n${body}`;
}

/** Returns the lines of the server's output that log a server error or are not log lines. */
export function findLogFaults(output: string): readonly string[] {
  return output
    .split("\n")
    .filter((line) => line.trim() !== "" && !isQuietLine(line));
}

function isQuietLine(line: string): boolean {
  try {
    const { level, msg }: { readonly level?: unknown; readonly msg?: unknown } =
      JSON.parse(line);
    return typeof level === "number" && level < 50 && msg !== "request.failed";
  } catch {
    return false;
  }
}
