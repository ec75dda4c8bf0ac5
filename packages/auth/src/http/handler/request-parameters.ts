import { AuthError } from "../../core/error.js";

/** The parameters of a query or a form. A repeated one is a list. */
export type RequestParameters = Readonly<
  Record<string, string | readonly string[]>
>;

const maximumQueryBytes = 16_384;
const maximumFormBytes = 65_536;
const maximumParameters = 50;
const maximumFormMilliseconds = 10_000;
const formType = "application/x-www-form-urlencoded";

/**
 * Returns the parameters of a URL's query, a repeated one as a list. The length and the number of parameters are
 * checked before decoding.
 *
 * @throws {AuthError} `invalid_request` if it is too long or has too many parameters.
 */
export function parseQuery(search: string): RequestParameters {
  if (search.length > maximumQueryBytes)
    throw new AuthError("invalid_request", "The address is too long.");
  return parseParameters(search.replace(/^\?/, ""));
}

/**
 * Returns the fields of a posted form, a repeated one as a list. At most 64 KB of the body are read, whatever
 * `Content-Length` says, and the body must arrive within ten seconds.
 *
 * @throws {AuthError} `invalid_request` if the body is not a form, was read before, is too long, or does not arrive in
 *   time.
 */
export async function readForm(
  request: Request,
  timeoutMilliseconds = maximumFormMilliseconds,
): Promise<RequestParameters> {
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() !== formType) {
    throw new AuthError(
      "invalid_request",
      `The body must be a form (${formType}).`,
    );
  }
  if (request.bodyUsed) {
    throw new AuthError(
      "invalid_request",
      "The body of the request was already read. Mount the sign-in routes before the body parser.",
    );
  }
  if (Number(request.headers.get("content-length") ?? 0) > maximumFormBytes)
    throw createTooLongError();
  const reader = request.body?.getReader();
  return parseParameters(
    reader === undefined ? "" : await readBody(reader, timeoutMilliseconds),
  );
}

/** Returns the value of a parameter; `undefined` if it is absent or repeated. */
export function readSingle(
  parameters: RequestParameters,
  name: string,
): string | undefined {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  return typeof value === "string" ? value : undefined;
}

/**
 * Reads the body until it ends, is too long or is too late. The rest is left unread and not cancelled: on Node,
 * cancelling would close the connection before the response is sent.
 */
async function readBody(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  timeoutMilliseconds: number,
): Promise<string> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    // Rejects the pending read.
    reader.releaseLock();
  }, timeoutMilliseconds);
  try {
    return await readBounded(reader);
  } catch (error) {
    if (!isLate) throw error;
    throw new AuthError(
      "invalid_request",
      "The body of the request did not arrive in time.",
    );
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
  }
}

async function readBounded(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<string> {
  const decoder = new TextDecoder();
  let [text, length] = ["", 0];
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new AuthError(
        "invalid_request",
        "The connection was closed before the body was complete.",
        {
          cause,
        },
      );
    });
    if (done) return text + decoder.decode();
    length += value.byteLength;
    if (length > maximumFormBytes) throw createTooLongError();
    text += decoder.decode(value, { stream: true });
  }
}

function createTooLongError(): AuthError {
  return new AuthError("invalid_request", "The form is too long.");
}

/** Decodes and groups in one pass, so the time is proportional to the length. */
function parseParameters(text: string): RequestParameters {
  requireFew(text);
  const parameters = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const present = parameters.get(name);
    if (present === undefined) parameters.set(name, value);
    else if (typeof present === "string")
      parameters.set(name, [present, value]);
    else present.push(value);
  }
  return Object.fromEntries(parameters);
}

/** @throws {AuthError} `invalid_request` if there are more parameters than a sign-in has. */
function requireFew(text: string): void {
  let position = text.indexOf("&");
  for (let count = 1; position >= 0; count += 1) {
    if (count >= maximumParameters)
      throw new AuthError(
        "invalid_request",
        `The request has more than ${maximumParameters} parameters.`,
      );
    position = text.indexOf("&", position + 1);
  }
}
