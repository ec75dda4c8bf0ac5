import type { FuzzRandom } from "./random.js";
import { formatChunks, formatHead } from "./wire.js";
import type { FuzzDraft, FuzzRequest } from "./wire.js";
import { strangeMethods } from "./words.js";

interface Broken {
  readonly text: string;
  readonly isCutShort?: boolean;
  /** Whether the change makes it unclear which route the request is for. */
  readonly isUnclear?: boolean;
}

type Break = (random: FuzzRandom, draft: FuzzDraft) => Broken;

const megabyte = 1_048_576;

/** Changes a request so that it violates HTTP or ends the connection. */
export function breakRequest(
  random: FuzzRandom,
  draft: FuzzDraft,
): FuzzRequest {
  const {
    text,
    isCutShort = false,
    isUnclear = false,
  } = random.pick(breaks)(random, draft);
  return {
    area: isUnclear ? "unclear" : draft.area,
    method: draft.method,
    target: draft.target,
    bytes: Buffer.from(text, "latin1"),
    isBroken: true,
    isCutShort,
  };
}

/** Writes the request with framing headers that do not match its body. */
function frame(framing: readonly (readonly [string, string])[]): Break {
  return (_, draft) => ({
    text: `${formatHead(draft, framing)}${draft.body}`,
    isCutShort: true,
  });
}

/** Writes the request with additional headers, most of them invalid. */
function add(...headers: readonly (readonly [string, string])[]): Break {
  return (_, draft) => ({
    text: `${formatHead(draft, [...headers, ["content-length", String(draft.body.length)]])}${draft.body}`,
  });
}

/** Writes a complete request with a changed head. */
function alterHead(alter: (head: string, random: FuzzRandom) => string): Break {
  return (random, draft) => {
    const head = formatHead(draft, [
      ["content-length", String(draft.body.length)],
    ]);
    return {
      text: `${alter(head, random)}${draft.body}`,
      isCutShort: true,
      isUnclear: true,
    };
  };
}

const lengthTooLong: Break = (random, draft) => ({
  text: `${formatHead(draft, [["content-length", String(draft.body.length + 1 + random.below(1000))]])}${draft.body}`,
  isCutShort: true,
});
const lengthTooShort: Break = (random, draft) => ({
  text: `${formatHead(draft, [["content-length", String(random.below(draft.body.length + 1))]])}${draft.body}`,
});
const cutAnywhere: Break = (random, draft) => {
  const whole = `${formatHead(draft, [["content-length", String(draft.body.length)]])}${draft.body}`;
  return { text: whole.slice(0, random.below(whole.length)), isCutShort: true };
};
const cutChunks: Break = (random, draft) => ({
  text: `${formatHead(draft, [["transfer-encoding", "chunked"]])}${formatChunks(random, `${draft.body}x`).slice(0, -5)}`,
  isCutShort: true,
});
const wrongChunks: Break = (random, draft) => ({
  text: `${formatHead(draft, [["transfer-encoding", "chunked"]])}${random.pick(["x\r\n\r\n", "-1\r\n\r\n", "ffffffffffffffffff\r\n", "1;a=\0\r\nx\r\n0\r\n\r\n", "1\r\nxy\r\n0\r\n\r\n", "1\nx\n0\n\n", "\r\n\r\n"])}`,
  isCutShort: true,
});
const trailers: Break = (_, draft) => ({
  text: `${formatHead(draft, [["transfer-encoding", "chunked"]])}1\r\n1\r\n0\r\nx-csrf: 1\r\ncookie: a=b\r\n\r\n`,
});
const megabytes: Break = (random, draft) => {
  const body =
    random.pick(['{"state":"', '{"returnUrl":"', "[", ""]) +
    "x".repeat(megabyte);
  return random.percent(50)
    ? {
        text: `${formatHead(draft, [["content-length", String(body.length)]])}${body}`,
      }
    : {
        text: `${formatHead(draft, [["transfer-encoding", "chunked"]])}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      };
};
const longTarget: Break = (random, draft) => ({
  text: formatHead(
    {
      ...draft,
      target: `${draft.target}${random.pick(["/a", "%2e", ",auth.me", "?", "&x="]).repeat(random.pick([1000, 3000, 9000]))}`,
    },
    [],
  ),
});
const nonsense: Break = (random) => ({
  text: random.bytes(1 + random.below(300)).toString("latin1"),
  isCutShort: true,
  isUnclear: true,
});
const strangeMethod: Break = (random, draft) => ({
  text: formatHead({ ...draft, method: random.pick(strangeMethods) }, []),
  isUnclear: true,
});

const breaks: readonly Break[] = [
  lengthTooLong,
  lengthTooShort,
  cutAnywhere,
  cutAnywhere,
  cutChunks,
  wrongChunks,
  trailers,
  longTarget,
  nonsense,
  strangeMethod,
  strangeMethod,
  megabytesSometimes,
  frame([
    ["content-length", "5"],
    ["content-length", "6"],
  ]),
  frame([
    ["content-length", "5"],
    ["transfer-encoding", "chunked"],
  ]),
  frame([["content-length", "-1"]]),
  frame([["content-length", "1e3"]]),
  frame([["content-length", "99999999999999999999999"]]),
  frame([["content-length", "\u0660"]]),
  frame([["transfer-encoding", "gzip"]]),
  frame([["transfer-encoding", "chunked, gzip"]]),
  frame([["transfer-encoding", "xchunked"]]),
  frame([
    ["transfer-encoding", " chunked"],
    ["transfer-encoding", "identity"],
  ]),
  add(["connection", "close"]),
  add(["connection", "upgrade"], ["upgrade", "websocket"]),
  add(["connection", "host, cookie, x-csrf"]),
  add(["expect", "100-continue"]),
  add(["expect", "200-maybe"]),
  add(["host", "evil.test"]),
  add(["x-big", "y".repeat(20_000)]),
  add(
    ...Array.from({ length: 300 }, (_, index): readonly [string, string] => [
      `x-${index}`,
      "y",
    ]),
  ),
  add(["x csrf", "1"]),
  add(["", "x"]),
  add(["x\u00ff", "y"]),
  add(["x", "y\0z"]),
  add(["x", "y\r\n z"]),
  add(["x", "y\nx-csrf: 1"]),
  alterHead((head) => head.replace("HTTP/1.1", "HTTP/1.0")),
  alterHead((head) => head.replace("HTTP/1.1", "HTTP/9.9")),
  alterHead((head) => head.replace(" HTTP/1.1", "")),
  alterHead((head) => head.replace("HTTP/1.1", "HTTP/1.1 x")),
  alterHead((head) => head.replaceAll("\r\n", "\n")),
  alterHead((head) => head.replaceAll("\r\n", "\r")),
  alterHead((head) => head.replace(/host: [^\r]*\r\n/, "")),
  alterHead((head) => head.replace(" ", "  ")),
  alterHead((head) => head.replace(" /", " /\u00ff\u00c0")),
  alterHead((head) => head.replace(" /", " /a b")),
  alterHead((head) => `\r\n\r\n${head}`),
  alterHead((head, random) => {
    const place = random.below(head.length);
    return `${head.slice(0, place)}${random.bytes(1 + random.below(4)).toString("latin1")}${head.slice(place)}`;
  }),
];

/** Limits the large requests, which take a thousand times as long as the others. */
function megabytesSometimes(random: FuzzRandom, draft: FuzzDraft): Broken {
  return (random.percent(25) ? megabytes : lengthTooShort)(random, draft);
}
