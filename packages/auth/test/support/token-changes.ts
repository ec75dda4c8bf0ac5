import * as fc from "fast-check";

/** Changes a valid token. */
export type TokenTextChange = (token: string) => string;

const anyByte = fc.integer({ min: 1, max: 255 });
const segment = fc.nat({ max: 2 });
/** Encodes a value as a segment of a token. */
const encodedJson = fc
  .oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()))
  .map((value) => encode(JSON.stringify(value)));
const otherHeader = fc
  .record(
    {
      alg: fc.oneof(
        fc.constantFrom("none", "None", "HS256", "RS384", "RS512", "PS256"),
        fc.constantFrom("ES256", "EdDSA", "RSA1_5", "rs256", "RS256"),
        fc.jsonValue(),
      ),
      typ: fc.oneof(
        fc.constantFrom("JWT", "logout+jwt", "at+jwt"),
        fc.jsonValue(),
      ),
      kid: fc.oneof(
        fc.constantFrom("key-1", "key-2", "__proto__", "../key-1", ""),
        fc.jsonValue(),
      ),
      crit: fc.oneof(fc.constantFrom([], ["exp"], ["b64"]), fc.jsonValue()),
      b64: fc.boolean(),
      zip: fc.constant("DEF"),
      jku: fc.constant("https://evil.test/keys"),
      jwk: fc.constant({ kty: "oct", k: "AAAA" }),
      x5u: fc.constant("https://evil.test/certificate"),
    },
    { requiredKeys: [] },
  )
  .map((header) => encode(JSON.stringify(header)));

/** Changes to a signed token. */
export const tokenTextChange: fc.Arbitrary<TokenTextChange> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(segment, fc.nat(), anyByte).map(flipByte) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat(), fc.string({ unit: "binary", maxLength: 3 }))
      .map(insertText),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(), fc.integer({ min: 1, max: 400 }))
      .map(dropText),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom([1, 0, 2], [0, 2, 1], [2, 1, 0], [1, 2, 0], [0, 0, 2])
      .map(arrange),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom([0, 1], [0], [1, 2], [0, 1, 2, 2], [0, 1, 2, 0, 1], [])
      .map(arrange),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(segment, fc.oneof(encodedJson, otherHeader, fc.constant("")))
      .map(replaceSegment),
  },
  {
    weight: 2,
    arbitrary: otherHeader.map(
      (header): TokenTextChange =>
        (token) =>
          `${header}.${token.split(".")[1]}.`,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: "binary", maxLength: 200 }).map(
      (text): TokenTextChange =>
        () =>
          text,
    ),
  },
);

/**
 * Returns whether the text encodes the same token: the signature has the same bytes, and the signed text is the same.
 * The last character of base64url has unused bits, so the texts may differ.
 */
export function isSameToken(one: string, other: string): boolean {
  const [left, right] = [one.split("."), other.split(".")];
  return (
    left.length === right.length &&
    left[0] === right[0] &&
    left[1] === right[1] &&
    decodeSignature(left).equals(decodeSignature(right))
  );
}

function decodeSignature([, , signature = ""]: readonly string[]): Buffer {
  return Buffer.from(signature, "base64url");
}

function flipByte([index, position, difference]: readonly [
  number,
  number,
  number,
]): TokenTextChange {
  return (token) => {
    const parts = token.split(".");
    const bytes = Buffer.from(parts[index] ?? "", "base64url");
    const place = position % bytes.length;
    bytes[place] = (bytes[place] ?? 0) ^ difference;
    parts[index] = bytes.toString("base64url");
    return parts.join(".");
  };
}

function insertText([position, text]: readonly [
  number,
  string,
]): TokenTextChange {
  return (token) => {
    const place = position % (token.length + 1);
    return `${token.slice(0, place)}${text}${token.slice(place)}`;
  };
}

function dropText([position, count]: readonly [
  number,
  number,
]): TokenTextChange {
  return (token) => {
    const place = position % token.length;
    return `${token.slice(0, place)}${token.slice(place + count)}`;
  };
}

function arrange(order: readonly number[]): TokenTextChange {
  return (token) => {
    const parts = token.split(".");
    return order.map((index) => parts[index] ?? "").join(".");
  };
}

function replaceSegment([index, text]: readonly [
  number,
  string,
]): TokenTextChange {
  return (token) =>
    token
      .split(".")
      .map((part, place) => (place === index ? text : part))
      .join(".");
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}
