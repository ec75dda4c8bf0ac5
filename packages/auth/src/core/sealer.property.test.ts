import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzzSeed } from "../../test/support/fuzz-seed.js";
import type { Sealed } from "./identifiers.js";
import { createSealer } from "./sealer.js";

/** Replaces lone surrogates, as encoding to UTF-8 does. */
function toWellFormed(text: string): string {
  return Buffer.from(text).toString();
}

const parameters = { seed: fuzzSeed, numRuns: 500 };
const secret = fc.uint8Array({ minLength: 32, maxLength: 64 });
/** Any text that UTF-8 can encode, so no lone surrogates. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }).map(toWellFormed),
  fc.constantFrom("", "\0", "x".repeat(100_000), "\u{1f600}".repeat(1000)),
);
const place = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 30 }),
    fc.constantFrom(
      "",
      "flow:a",
      "flow:b",
      "token_cache:a",
      "\n",
      "v1.x\nflow:a",
    ),
  )
  .map(toWellFormed);

describe("createSealer, for any secret, text and place", () => {
  it("opens a sealed text at its place, also with a newer secret in front", () => {
    fc.assert(
      fc.property(secret, secret, text, place, (old, newer, some, where) => {
        const sealed = createSealer([old]).seal(some, where);

        expect(createSealer([old]).open(sealed, where)).toBe(some);
        expect(createSealer([newer, old]).open(sealed, where)).toBe(some);
      }),
      parameters,
    );
  });

  it("never produces the same sealed text twice, and reveals nothing of the text", () => {
    fc.assert(
      fc.property(secret, text, place, (some, what, where) => {
        const sealer = createSealer([some]);
        const sealed = [sealer.seal(what, where), sealer.seal(what, where)];

        expect(new Set(sealed).size).toBe(2);
        expect(sealed[0]).toMatch(/^v1\.[\w-]{8}\.[\w-]{38,}$/);
      }),
      parameters,
    );
  });

  it("opens no sealed text at another place or with another secret", () => {
    fc.assert(
      fc.property(
        secret,
        secret,
        text,
        place,
        place,
        (own, foreign, some, here, there) => {
          fc.pre(
            here !== there && !Buffer.from(own).equals(Buffer.from(foreign)),
          );
          const sealed = createSealer([own]).seal(some, here);

          expect(createSealer([own]).open(sealed, there)).toBeUndefined();
          expect(createSealer([foreign]).open(sealed, here)).toBeUndefined();
        },
      ),
      parameters,
    );
  });

  it("[T4] does not open a sealed text with an altered, added or missing byte", () => {
    const change = fc.constantFrom("alter", "add", "drop");

    fc.assert(
      fc.property(
        secret,
        text,
        place,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        change,
        (own, some, where, position, difference, how) => {
          const sealer = createSealer([own]);
          const [version, id, body = ""] = sealer.seal(some, where).split(".");
          const bytes = [...Buffer.from(body, "base64url")];
          const index = position % bytes.length;
          const instead = {
            alter: [(bytes[index] ?? 0) ^ difference],
            add: [difference, bytes[index] ?? 0],
            drop: [],
          }[how];
          bytes.splice(index, 1, ...instead);
          fc.pre(!Buffer.from(bytes).equals(Buffer.from(body, "base64url")));
          const altered = [
            version,
            id,
            Buffer.from(bytes).toString("base64url"),
          ];

          expect(
            sealer.open(altered.join(".") as Sealed, where),
          ).toBeUndefined();
        },
      ),
      parameters,
    );
  });

  it("opens an altered sealed text to undefined or to the original, never to another text", () => {
    const sealer = createSealer([new Uint8Array(32).fill(1)]);
    const sealed = sealer.seal("refresh token", "token_cache:ada");

    fc.assert(
      fc.property(
        fc.nat({ max: sealed.length }),
        fc.nat({ max: 3 }),
        fc.string({ unit: "binary", maxLength: 5 }),
        (index, dropped, added) => {
          const altered = `${sealed.slice(0, index)}${added}${sealed.slice(index + dropped)}`;

          expect([undefined, "refresh token"]).toContain(
            sealer.open(altered as Sealed, "token_cache:ada"),
          );
        },
      ),
      { ...parameters, numRuns: 2000 },
    );
  });

  it("returns undefined for a text that it did not seal", () => {
    const sealer = createSealer([new Uint8Array(32).fill(1)]);
    const header = sealer.seal("", "").slice(0, 12);

    fc.assert(
      fc.property(
        fc.constantFrom("", header, "v1.", "v2."),
        fc.string({ unit: "binary", maxLength: 80 }),
        (start, rest) => {
          expect(sealer.open(`${start}${rest}` as Sealed, "")).toBeUndefined();
        },
      ),
      { ...parameters, numRuns: 2000 },
    );
  });
});
