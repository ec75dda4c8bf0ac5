import type { FuzzAnswer } from "./answers.js";
import type { FuzzRequest } from "./wire.js";

/** Statuses by which Node itself refuses what is no request, or too much of one. */
const parserStatuses: readonly number[] = [400, 408, 413, 417, 431];
const traces =
  /\bat [^\n]+:\d+:\d+|node_modules|node:internal|file:\/\/\/|SQLITE_|root:x:|"main":|createRequire/;
const anyToken = /eyJ[\w-]{16,}\.eyJ/;

/**
 * Returns what is wrong with the answer to a request; nothing, if it is in order.
 *
 * @param secrets What no answer may hold.
 */
export function findFaults(
  request: FuzzRequest,
  answer: FuzzAnswer,
  secrets: readonly string[],
): readonly string[] {
  const { status, headers, body } = answer;
  const faults: string[] = [];
  if (status >= 500) faults.push(`${status} is our fault`);
  if (status < 200 || status > 599) faults.push(`${status} is no status`);
  if (secrets.some((secret) => formatWhole(answer).includes(secret)))
    faults.push("holds a secret");
  if (anyToken.test(body)) faults.push("holds a token");
  if (!isScript(answer) && traces.test(body))
    faults.push("tells of our insides");
  if (isByParser(request, answer)) return faults;

  const isOurs = request.area === "trpc" || request.area === "auth";
  if (isOurs && headers.get("cache-control") !== "no-store")
    faults.push(`may be cached: ${headers.get("cache-control")}`);
  if (headers.get("x-powered-by") !== undefined)
    faults.push("says what it runs on");
  if (request.area === "trpc") faults.push(...findErrorFaults(request, answer));
  return faults;
}

function findErrorFaults(
  { method }: FuzzRequest,
  { status, headers, body }: FuzzAnswer,
): readonly string[] {
  if (method === "HEAD") return [];
  const results = readResults(body);
  if (results === undefined) return ["is no JSON"];
  const errors = results.filter(isError);
  const faults = errors
    .filter((error) => !hasAuthCode(error))
    .map(() => "has an error without authCode");
  if (status >= 400 && errors.length === 0)
    faults.push("is an error that does not say so");
  if (body.includes('"authorizationUrl":') && !headers.has("set-cookie"))
    faults.push("starts a sign-in that no browser can complete");
  return faults;
}

/** Returns the results of a call, a batch or a stream of a batch; `undefined` if they are no JSON. */
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

/** Whether Node refused the request before any code of ours saw it. */
function isByParser(
  { isBroken }: FuzzRequest,
  { status, headers, body }: FuzzAnswer,
): boolean {
  return (
    isBroken &&
    parserStatuses.includes(status) &&
    body === "" &&
    headers.get("content-type") === undefined
  );
}

/** Bundles hold the messages of libraries, and are the same for everybody. */
function isScript({ headers }: FuzzAnswer): boolean {
  return /javascript|css/.test(headers.get("content-type") ?? "");
}

function formatWhole({ headers, body }: FuzzAnswer): string {
  return `${[...headers.values()].join("\n")}\n${body}`;
}

/** Returns which lines of the server's output tell of a failure of ours, or are no lines of its log at all. */
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
