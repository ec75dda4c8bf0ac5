import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzzSeed } from "../../test/support/fuzz-seed.js";
import { isAuthError } from "../core/error.js";
import { requireOwnOrigin, requireSameOrigin } from "./same-origin.js";
import type { ReadHeader } from "./same-origin.js";

const own = "https://app.test";
const parameters = { seed: fuzzSeed, numRuns: 3000 };
const text = fc.string({ unit: "binary", maxLength: 10 });
const absent = fc.constantFrom(null, undefined);
const csrf = fc.oneof(
  absent,
  fc.constantFrom("1", "1", "1", "", "0", "1, 1", " 1", "01", "true"),
  text,
);
const origin = fc.oneof(
  absent,
  fc.constantFrom(
    own,
    own,
    "null",
    "",
    "https://app.test/",
    "HTTPS://APP.TEST",
  ),
  fc.constantFrom(
    "https://app.test.",
    "https://app.test:443",
    "http://app.test",
  ),
  fc.constantFrom(
    "https://evil.test",
    "https://app.test.evil.test",
    `${own}, ${own}`,
  ),
  text,
);
const site = fc.oneof(
  absent,
  fc.constantFrom(
    "same-origin",
    "same-origin",
    "none",
    "same-site",
    "cross-site",
    "",
  ),
  text,
);

function isRefused(
  check: (readHeader: ReadHeader, origin: string) => void,
  headers: Readonly<Record<string, string | null | undefined>>,
): boolean {
  try {
    check((name) => headers[name], own);
    return false;
  } catch (error) {
    if (isAuthError(error) && error.code === "cross_site_request") return true;
    throw error;
  }
}

describe("requireSameOrigin with any headers", () => {
  it("accepts a request exactly if it has the x-csrf header and no header names another site", () => {
    fc.assert(
      fc.property(csrf, origin, site, (ours, stated, from) => {
        const isOurs =
          ours === "1" &&
          [own, null, undefined].includes(stated) &&
          !["cross-site", "same-site"].includes(from ?? "");

        expect(
          isRefused(requireSameOrigin, {
            "x-csrf": ours,
            origin: stated,
            "sec-fetch-site": from,
          }),
        ).toBe(!isOurs);
      }),
      parameters,
    );
  });
});

describe("requireOwnOrigin with any headers", () => {
  it("refuses every form without a header that names our origin", () => {
    fc.assert(
      fc.property(origin, site, (stated, from) => {
        const isForeign = ![own, "null", null, undefined].includes(stated);
        const isOurs =
          from === "same-origin" ||
          (typeof from !== "string" && stated === own);
        const require = (readHeader: ReadHeader) =>
          requireOwnOrigin({
            method: "POST",
            readHeader,
            origin: own,
            allowsUnstated: false,
          });

        expect(
          isRefused(require, { origin: stated, "sec-fetch-site": from }),
        ).toBe(isForeign || !isOurs);
      }),
      parameters,
    );
  });
});
