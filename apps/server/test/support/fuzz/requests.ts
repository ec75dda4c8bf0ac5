import { breakRequest } from "./breaks.js";
import { createFuzzRandom } from "./random.js";
import type { FuzzRandom } from "./random.js";
import {
  authTargets,
  bodies,
  contentTypes,
  inputQueries,
  isQuery,
  listCookies,
  ordinaryMethods,
  otherProcedures,
  otherTargets,
  procedures,
  strangeHeaders,
} from "./words.js";
import { formatChunks, formatHead } from "./wire.js";
import { cookieNamesOf } from "../visitor.js";
import type { FuzzArea, FuzzDraft, FuzzRequest } from "./wire.js";

/** The origin of the requests, and cookies that pass the server's outer checks. */
export interface FuzzWorld {
  readonly origin: string;
  /** The `Cookie` header of the visitor who must stay signed in. */
  readonly staying: string;
  /** The `Cookie` header of the visitor who may be signed out. */
  readonly leaving: string;
}

const brokenShare = 15;
const maximumHeadLength = 16_000;
const maximumInputLength = 2000;

/** Generates an endless sequence of requests. The same seed yields the same requests. */
export function* createFuzzRequests(
  seed: number,
  world: FuzzWorld,
): Generator<FuzzRequest, never> {
  const random = createFuzzRandom(seed);
  for (;;) {
    const draft = draftRequest(random, world);
    yield random.percent(brokenShare)
      ? breakRequest(random, draft)
      : writeRequest(random, draft);
  }
}

function draftRequest(random: FuzzRandom, world: FuzzWorld): FuzzDraft {
  const share = random.below(100);
  if (share < 65) return draftCall(random, world);
  const target = random.pick(share < 80 ? authTargets : otherTargets);
  const method = random.percent(70)
    ? random.pick(["GET", "POST"])
    : random.pick(ordinaryMethods);
  return {
    area: findArea(target),
    method,
    target,
    headers: draftHeaders(
      random,
      world,
      target.includes("logout") ? world.leaving : world.staying,
    ),
    body: method === "GET" && random.percent(95) ? "" : random.pick(bodies),
    isChunked: random.percent(20),
  };
}

/** Most calls differ in a few points from one that the app's page sends. */
function draftCall(random: FuzzRandom, world: FuzzWorld): FuzzDraft {
  const isEnding = random.percent(8);
  const inputs: Readonly<Record<string, readonly string[]>> = isEnding
    ? procedures.ending
    : procedures.harmless;
  const names = Object.keys(inputs);
  const name = random.pick(names);
  const usualMethod = isQuery(name) ? "GET" : "POST";
  const path = random.percent(70)
    ? name
    : draftPath(random, [...names, ...otherProcedures]);
  const body = random.percent(40)
    ? random.pick(inputs[name] ?? [])
    : random.pick(bodies);
  const method = random.percent(80)
    ? usualMethod
    : random.pick(["GET", "POST", ...ordinaryMethods]);
  const queries = path.includes(",")
    ? ["batch=1", "batch=1", ...inputQueries]
    : inputQueries;
  const query = random.percent(path.includes(",") ? 80 : 20)
    ? `?${random.pick(queries)}`
    : "";
  const input =
    method === "GET" && query === "" && random.percent(50)
      ? `?input=${encodeURIComponent(body.slice(0, maximumInputLength))}`
      : "";
  return {
    area: findArea(`/trpc/${path}`),
    method,
    target: `/trpc/${path}${query}${input}`,
    headers: draftHeaders(
      random,
      world,
      isEnding ? world.leaving : world.staying,
    ),
    body: method === "GET" && random.percent(95) ? "" : body,
    isChunked: random.percent(20),
  };
}

function draftPath(random: FuzzRandom, names: readonly string[]): string {
  const count = random.pick([1, 1, 2, 2, 3, 20, 150]);
  return Array.from({ length: count }, () => random.pick(names)).join(",");
}

function draftHeaders(
  random: FuzzRandom,
  { origin }: FuzzWorld,
  ownCookie: string,
): readonly (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [
    [
      "host",
      random.percent(95)
        ? new URL(origin).host
        : random.pick([
            "evil.test",
            "%",
            "a:b:c",
            "localhost:1",
            "[::1",
            "\u00ff",
            "x/y",
            "@",
          ]),
    ],
  ];
  if (random.percent(85))
    headers.push([
      "x-csrf",
      random.percent(95) ? "1" : random.pick(["", "0", "1, 1", "\u00ff"]),
    ]);
  if (random.percent(50)) headers.push(["origin", origin]);
  if (random.percent(50)) headers.push(["sec-fetch-site", "same-origin"]);
  if (random.percent(60)) headers.push(["cookie", ownCookie]);
  if (random.percent(20))
    headers.push(["cookie", random.pick(listCookies(cookieNamesOf(origin)))]);
  if (random.percent(85))
    headers.push([
      "content-type",
      random.percent(75) ? "application/json" : random.pick(contentTypes),
    ]);
  const strange = random.percent(60) ? 0 : 1 + random.below(3);
  for (let count = 0; count < strange; count++)
    headers.push(random.pick(strangeHeaders));
  return headers;
}

/** Determines the route by the URL standard, independently of the server's parsing. */
function findArea(target: string): FuzzArea {
  const base = "http://localhost";
  if (
    !target.startsWith("/") ||
    target.startsWith("//") ||
    !URL.canParse(target, base)
  )
    return "unclear";
  const { pathname } = new URL(target, base);
  if (/^\/trpc(\/|$)/.test(pathname)) return "trpc";
  if (/^\/auth(\/|$)/.test(pathname)) return "auth";
  return "other";
}

function writeRequest(random: FuzzRandom, draft: FuzzDraft): FuzzRequest {
  const { area, method, target, body, isChunked } = draft;
  const length: readonly (readonly [string, string])[] =
    body === "" && random.percent(50)
      ? []
      : [["content-length", String(body.length)]];
  const head = formatHead(
    draft,
    isChunked ? [["transfer-encoding", "chunked"]] : length,
  );
  const content = isChunked ? formatChunks(random, body) : body;
  return {
    area,
    method,
    target,
    bytes: Buffer.from(`${head}${content}`, "latin1"),
    // Node accepts some targets without a path and refuses others, and it refuses longer heads than this.
    isBroken: !target.startsWith("/") || head.length > maximumHeadLength,
    isCutShort: false,
  };
}
