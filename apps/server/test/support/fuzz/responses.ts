/** One response as received. */
export interface FuzzResponse {
  readonly status: number;
  /** By lower-case name. Repeated headers are joined by a line feed. */
  readonly headers: ReadonlyMap<string, string>;
  /** Latin-1. */
  readonly body: string;
}

interface Parsed {
  readonly response: FuzzResponse;
  /** Where the next response begins. */
  readonly end: number;
}

const headEnd = "\r\n\r\n";
const bodiless: readonly number[] = [204, 304];

/**
 * Parses the first response in the bytes; returns `undefined` if it is incomplete.
 *
 * @throws {Error} if it is not an HTTP/1.1 response.
 */
export function parseResponse(
  bytes: Buffer,
  method: string,
  isClosed: boolean,
): Parsed | undefined {
  const split = bytes.indexOf(headEnd);
  if (split < 0) return undefined;
  const { status, headers } = parseHead(bytes.toString("latin1", 0, split));
  const start = split + headEnd.length;
  // "100 Continue" precedes the final response.
  if (status >= 100 && status < 200) {
    const rest = parseResponse(bytes.subarray(start), method, isClosed);
    return rest && { ...rest, end: rest.end + start };
  }
  const body = readBody(bytes.subarray(start), {
    status,
    headers,
    method,
    isClosed,
  });
  if (body === undefined) return undefined;
  return {
    response: { status, headers, body: body.text },
    end: start + body.length,
  };
}

function parseHead(text: string): Pick<FuzzResponse, "status" | "headers"> {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const [, status] = /^HTTP\/1\.1 (\d{3})( |$)/.exec(statusLine) ?? [];
  if (status === undefined)
    throw new Error(`Not an HTTP/1.1 response: ${statusLine}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ""] =
      /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*)$/s.exec(line) ?? [];
    if (name === undefined) throw new Error(`Not a header: ${line}`);
    const key = name.toLowerCase();
    const present = headers.get(key);
    headers.set(key, present === undefined ? value : `${present}\n${value}`);
  }
  return { status: Number(status), headers };
}

function readBody(
  rest: Buffer,
  head: Pick<FuzzResponse, "status" | "headers"> & {
    readonly method: string;
    readonly isClosed: boolean;
  },
): { readonly text: string; readonly length: number } | undefined {
  const { status, headers, method, isClosed } = head;
  if (method === "HEAD" || bodiless.includes(status))
    return { text: "", length: 0 };
  if (headers.get("transfer-encoding") === "chunked") return readChunks(rest);
  const stated = headers.get("content-length");
  if (stated === undefined)
    return isClosed
      ? { text: rest.toString("latin1"), length: rest.length }
      : undefined;
  const length = Number(stated);
  return rest.length < length
    ? undefined
    : { text: rest.toString("latin1", 0, length), length };
}

function readChunks(
  rest: Buffer,
): { readonly text: string; readonly length: number } | undefined {
  const chunks: string[] = [];
  for (let place = 0; ;) {
    const lineEnd = rest.indexOf("\r\n", place);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(rest.toString("latin1", place, lineEnd), 16);
    const start = lineEnd + 2;
    const end = start + size + 2;
    if (rest.length < end) return undefined;
    if (size === 0) return { text: chunks.join(""), length: end };
    chunks.push(rest.toString("latin1", start, start + size));
    place = end;
  }
}
