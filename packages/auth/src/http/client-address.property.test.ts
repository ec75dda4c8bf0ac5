import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzzSeed } from "../../test/support/fuzz-seed.js";
import { createClientAddressReader } from "./client-address.js";

const parameters = { seed: fuzzSeed, numRuns: 1500 };
const readAddress = createClientAddressReader([
  "127.0.0.1",
  "10.0.0.0/8",
  "2001:db8:ffff::/48",
]);
const octet = fc.nat({ max: 255 });
const group = fc.nat({ max: 0xffff }).map((value) => value.toString(16));
const ipv4 = fc
  .tuple(octet, octet, octet, octet)
  .map((parts) => parts.join("."));
const strangerIpv4 = ipv4.filter((address) => !/^(10|127)\./.test(address));
/** The first half of an IPv6 address that is neither trusted nor a translated IPv4 address. */
const site = fc
  .tuple(fc.constantFrom("2001", "2a02", "fd00", "fe80"), group, group, group)
  .map((groups) => groups.join(":"))
  .filter((half) => !half.startsWith("2001:db8:ffff:"));
const host = fc
  .tuple(group, group, group, group)
  .map((groups) => groups.join(":"));
const stranger = fc.oneof(
  strangerIpv4,
  fc.tuple(site, host).map((halves) => halves.join(":")),
);
const proxy = fc.constantFrom(
  "127.0.0.1",
  "::ffff:127.0.0.1",
  "10.1.2.3",
  "2001:db8:ffff::7",
);
const hop = fc.oneof(
  ipv4,
  stranger,
  proxy,
  fc.constantFrom(
    "",
    " ",
    "unknown",
    "_hidden",
    "[::1]:80",
    "1.2.3.4:80",
    "::",
  ),
  fc.constantFrom(
    "999.1.1.1",
    "0x7f.1",
    "10.0.0",
    "fe80::1%eth0",
    "::%",
    "[",
    "]:",
  ),
  fc.string({ unit: "binary", maxLength: 10 }),
);
const forwardedFor = fc.oneof(
  fc.array(hop, { maxLength: 6 }).map((hops) => hops.join(", ")),
  fc.string({ unit: "binary" }),
  fc
    .tuple(hop, fc.constantFrom(500, 5000))
    .map(([some, count]) => `${some},`.repeat(count)),
);

describe("createClientAddressReader with any X-Forwarded-For", () => {
  it("returns a key of few and harmless characters for any peer and header", () => {
    fc.assert(
      fc.property(
        fc.option(fc.oneof(hop, stranger), { nil: undefined }),
        fc.option(forwardedFor),
        (peer, header) => {
          expect(readAddress(peer, header)).toMatch(
            /^(unknown|[0-9a-f.:]+(\/64)?)$/,
          );
        },
      ),
      parameters,
    );
  });

  it("ignores the header of a peer that is not a trusted proxy", () => {
    fc.assert(
      fc.property(stranger, forwardedFor, (peer, header) => {
        expect(readAddress(peer, header)).toBe(readAddress(peer, undefined));
      }),
      parameters,
    );
  });

  it("returns the address that the trusted proxy appended, whatever the client sent before it", () => {
    fc.assert(
      fc.property(proxy, forwardedFor, stranger, (peer, written, client) => {
        expect(readAddress(peer, `${written}, ${client}`)).toBe(
          readAddress(client, undefined),
        );
      }),
      parameters,
    );
  });

  it("returns one key for all addresses of an IPv6 /64, and another key for another /64", () => {
    fc.assert(
      fc.property(site, site, host, host, (own, other, one, two) => {
        const key = readAddress(`${own}:${one}`, undefined);

        expect(readAddress(`${own}:${two}`, undefined)).toBe(key);
        expect(readAddress(`${other}:${two}`, undefined) === key).toBe(
          own === other,
        );
      }),
      parameters,
    );
  });

  it("returns the same key for an IPv4 address written as IPv4 or as IPv6", () => {
    fc.assert(
      fc.property(strangerIpv4, (address) => {
        expect(readAddress(`::ffff:${address}`, undefined)).toBe(address);
        expect(readAddress(address, undefined)).toBe(address);
      }),
      parameters,
    );
  });
});
