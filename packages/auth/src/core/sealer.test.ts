import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Sealed } from "./identifiers.js";
import { createSealer } from "./sealer.js";

const secret = new Uint8Array(32).fill(1);
const newSecret = new Uint8Array(32).fill(2);

function flipBit(sealed: Sealed, index: number): Sealed {
  const [format, key, body = ""] = sealed.split(".");
  const bytes = Buffer.from(body, "base64url");
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return [format, key, bytes.toString("base64url")].join(".") as Sealed;
}

describe("createSealer", () => {
  it("opens what it sealed, for any text and place", () => {
    const sealer = createSealer([secret]);

    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.string(),
        (text, place) => {
          expect(sealer.open(sealer.seal(text, place), place)).toBe(text);
        },
      ),
      { seed: 1 },
    );
  });

  it("[T4] does not open a sealed text with an altered bit in nonce, text or tag", () => {
    const sealer = createSealer([secret]);
    const sealed = sealer.seal("refresh token", "token_cache:ada");
    const bytes = Buffer.from(sealed.split(".")[2] ?? "", "base64url").length;

    const opened = Array.from({ length: bytes }, (_, index) =>
      sealer.open(flipBit(sealed, index), "token_cache:ada"),
    );

    expect(new Set(opened)).toEqual(new Set([undefined]));
  });

  it("[T5] does not open a sealed text at another place", () => {
    const sealer = createSealer([secret]);
    const sealed = sealer.seal("refresh token", "token_cache:ada");

    expect(sealer.open(sealed, "token_cache:ben")).toBeUndefined();
    expect(sealer.open(sealed, "flow:ada")).toBeUndefined();
  });

  it("opens what an older secret of the list sealed", () => {
    const sealed = createSealer([secret]).seal("refresh token", "place");

    expect(createSealer([newSecret, secret]).open(sealed, "place")).toBe(
      "refresh token",
    );
  });

  it("[T6] seals with the first secret of the list", () => {
    const sealed = createSealer([newSecret, secret]).seal(
      "refresh token",
      "place",
    );

    expect(createSealer([newSecret]).open(sealed, "place")).toBe(
      "refresh token",
    );
    expect(createSealer([secret]).open(sealed, "place")).toBeUndefined();
  });

  it("does not open what an unlisted secret sealed", () => {
    const sealed = createSealer([secret]).seal("refresh token", "place");

    expect(createSealer([newSecret]).open(sealed, "place")).toBeUndefined();
  });

  it.each([
    "",
    ".",
    "..",
    "v1",
    "v1.",
    "v1.unknown.AAAA",
    "v0.a.b",
    "not sealed at all",
    "v1..",
    "\u0000",
  ])("returns undefined for %j, which is not a sealed text", (text) => {
    expect(
      createSealer([secret]).open(text as Sealed, "place"),
    ).toBeUndefined();
  });

  it("does not open a sealed text with a shortened tag", () => {
    const sealer = createSealer([secret]);
    const [format, key, body = ""] = sealer
      .seal("refresh token", "place")
      .split(".");
    const bytes = Buffer.from(body, "base64url");

    const opened = Array.from({ length: bytes.length }, (_, length) =>
      sealer.open(
        [format, key, bytes.subarray(0, length).toString("base64url")].join(
          ".",
        ) as Sealed,
        "place",
      ),
    );

    expect(new Set(opened)).toEqual(new Set([undefined]));
  });

  it("[T4] opens what the first release sealed", () => {
    const sealed =
      "v1.6mWgpg3T.AwMDAwMDAwMDAwMDl2r-FGevHiUMFXVENmFrP2ymq-lRO2w" as Sealed;

    expect(createSealer([secret]).open(sealed, "place")).toBe("Grüße");
  });

  it("[T4] does not open a sealed text with another format version or none", () => {
    const sealer = createSealer([secret]);
    const [, key, body] = sealer.seal("refresh token", "place").split(".");

    const opened = ["v0", "v2", ""].map((format) =>
      sealer.open([format, key, body].join(".") as Sealed, "place"),
    );

    expect(opened).toEqual([undefined, undefined, undefined]);
  });

  it("returns undefined for a text that ends after the key ID", () => {
    const sealer = createSealer([secret]);
    const [format, key] = sealer.seal("refresh token", "place").split(".");

    expect(
      sealer.open([format, key].join(".") as Sealed, "place"),
    ).toBeUndefined();
  });

  it("seals the same text differently each time and reveals nothing of it", () => {
    const sealer = createSealer([secret]);

    const sealed = [
      sealer.seal("refresh token", "place"),
      sealer.seal("refresh token", "place"),
    ];

    expect(new Set(sealed).size).toBe(2);
    expect(Buffer.from(sealed.join(), "base64url").toString()).not.toContain(
      "refresh",
    );
  });

  it("refuses an empty list and a secret of fewer than 32 bytes", () => {
    expect(() => createSealer([])).toThrow(TypeError);
    expect(() => createSealer([new Uint8Array(32)])).not.toThrow();
    expect(() => createSealer([secret, new Uint8Array(31)])).toThrow(
      "at least 32 random bytes",
    );
  });
});
