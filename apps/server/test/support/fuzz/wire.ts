import type { FuzzRandom } from "./random.js";

/** The routes that a request is for. `unclear` if the target is malformed. */
export type FuzzArea = "trpc" | "auth" | "other" | "unclear";

/** One request as bytes, and which outcomes HTTP permits. */
export interface FuzzRequest {
  readonly area: FuzzArea;
  readonly method: string;
  readonly target: string;
  readonly bytes: Buffer;
  /** Whether HTTP permits the server to close the connection without a response. Sent over a separate connection. */
  readonly isBroken: boolean;
  /** Whether the headers announce more bytes than are sent. */
  readonly isCutShort: boolean;
}

/** A request before it becomes bytes. */
export interface FuzzDraft {
  readonly area: FuzzArea;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Latin-1. */
  readonly body: string;
  readonly isChunked: boolean;
}

/** Writes the request line and the headers. */
export function formatHead(
  { method, target, headers }: FuzzDraft,
  framing: readonly (readonly [string, string])[],
): string {
  const lines = [...headers, ...framing].map(
    ([name, value]) => `${name}: ${value}`,
  );
  return [`${method} ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

/** Writes a body in chunks. */
export function formatChunks(random: FuzzRandom, body: string): string {
  const size = random.pick([1, 7, 1000, 65_536]);
  const chunks: string[] = [];
  for (let start = 0; start < body.length && chunks.length < 100;) {
    const length = chunks.length === 99 ? body.length : size;
    const chunk = body.slice(start, start + length);
    chunks.push(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    start += chunk.length;
  }
  return `${chunks.join("")}0\r\n\r\n`;
}
