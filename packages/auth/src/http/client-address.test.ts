import { describe, expect, it } from "vitest";
import { createClientAddressReader } from "./client-address.js";

describe("createClientAddressReader", () => {
  it("ignores X-Forwarded-For without trusted proxies", () => {
    const read = createClientAddressReader([]);

    expect(read("203.0.113.7", "198.51.100.1")).toBe("203.0.113.7");
  });

  it("ignores X-Forwarded-For from a peer that is not a trusted proxy", () => {
    const read = createClientAddressReader(["10.0.0.0/8"]);

    expect(read("203.0.113.7", "198.51.100.1")).toBe("203.0.113.7");
  });

  it("returns the address that the trusted proxy appended, not what the client sent before it", () => {
    const read = createClientAddressReader(["10.0.0.1"]);

    expect(read("10.0.0.1", "1.1.1.1, 2.2.2.2, 203.0.113.7")).toBe(
      "203.0.113.7",
    );
  });

  it("skips every trusted proxy and stops at the first other address", () => {
    const read = createClientAddressReader(["10.0.0.0/8", "192.168.1.1"]);

    expect(
      read("192.168.1.1", "1.1.1.1, 203.0.113.7, 10.9.9.9, 10.1.1.1"),
    ).toBe("203.0.113.7");
  });

  it("returns the leftmost address if all addresses are trusted", () => {
    const read = createClientAddressReader(["10.0.0.0/8"]);

    expect(read("10.0.0.1", "10.0.0.2, 10.0.0.3")).toBe("10.0.0.2");
  });

  it.each([
    "",
    " ",
    ",",
    "unknown",
    "_hidden",
    "999.1.1.1",
    "<script>",
    "203.0.113.7 evil",
    "for=203.0.113.7",
    null,
    undefined,
  ])("returns the proxy's address for the header %j", (forwardedFor) => {
    const read = createClientAddressReader(["10.0.0.1"]);

    expect(read("10.0.0.1", forwardedFor)).toBe("10.0.0.1");
  });

  it.each([
    ["203.0.113.7:51234", "203.0.113.7"],
    ["[2001:db8:1:2::3]:51234", "2001:db8:1:2::/64"],
    ["[2001:db8:1:2::3]", "2001:db8:1:2::/64"],
  ])(
    "reads %s, the notation of proxies that append the port",
    (forwardedFor, address) => {
      const read = createClientAddressReader(["10.0.0.1"]);

      expect(read("10.0.0.1", forwardedFor)).toBe(address);
    },
  );

  it("[R19] reduces an IPv6 address to its /64", () => {
    const read = createClientAddressReader([]);

    const results = [
      "2001:db8:1:2::1",
      "2001:db8:1:2:ffff:ffff:ffff:ffff",
      "2001:db8:1:3::1",
    ].map((address) => read(address, undefined));

    expect(results).toEqual([
      "2001:db8:1:2::/64",
      "2001:db8:1:2::/64",
      "2001:db8:1:3::/64",
    ]);
  });

  it("treats an IPv4 address written as IPv6 as the same address", () => {
    const read = createClientAddressReader(["10.0.0.1"]);

    expect(read("::ffff:203.0.113.7", undefined)).toBe("203.0.113.7");
    expect(read("::ffff:10.0.0.1", "203.0.113.7")).toBe("203.0.113.7");
  });

  it.each(["64:ff9b::203.0.113.7", "64:ff9b::cb00:7107", "::ffff:0:cb00:7107"])(
    "counts the translated address %s as the IPv4 address in it",
    (address) => {
      expect(createClientAddressReader([])(address, undefined)).toBe(
        "203.0.113.7",
      );
    },
  );

  it("does not trust a translated address even if the IPv4 address in it is trusted", () => {
    const read = createClientAddressReader(["10.0.0.1"]);

    expect(read("64:ff9b::10.0.0.1", "198.51.100.1")).toBe("10.0.0.1");
  });

  it("ignores the zone of an IPv6 address", () => {
    const read = createClientAddressReader([]);

    expect(read("fe80::1%eth0", undefined)).toBe("fe80:0:0:0::/64");
    expect(read("fe80::2%eth1", undefined)).toBe("fe80:0:0:0::/64");
  });

  it("trusts IPv6 proxies by range", () => {
    const read = createClientAddressReader(["fd00::/8"]);

    expect(read("fd00::1", "2001:db8::1")).toBe("2001:db8:0:0::/64");
  });

  it.each([undefined, "", "not an address", "/var/run/socket"])(
    "returns one key for every peer like %j",
    (peer) => {
      expect(createClientAddressReader([])(peer, "203.0.113.7")).toBe(
        "unknown",
      );
    },
  );

  it.each([
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.1.1",
    "127.0.0.1",
    "127.9.9.9",
    "169.254.130.1",
    "::1",
    "fe80::1%eth0",
    "fd12:3456::1",
    "::ffff:10.1.2.3",
  ])("[R41] trusts %s as a proxy with private", (peer) => {
    const read = createClientAddressReader(["private"]);

    expect(read(peer, "203.0.113.7")).toBe("203.0.113.7");
  });

  it.each([
    "172.32.0.1",
    "11.0.0.1",
    "100.64.0.1",
    "203.0.113.9",
    "2001:db8::1",
  ])("[R41] does not trust %s with private", (peer) => {
    const read = createClientAddressReader(["private"]);

    expect(read(peer, "203.0.113.7")).toBe(read(peer, undefined));
  });

  it("trusts the other entries of a list with private as well", () => {
    const read = createClientAddressReader(["198.51.100.0/24", "private"]);

    expect(read("10.0.0.1", "203.0.113.7, 198.51.100.9, 192.168.7.7")).toBe(
      "203.0.113.7",
    );
  });

  it("treats a range of IPv4 addresses written as IPv6 as the IPv4 range", () => {
    const read = createClientAddressReader(["::ffff:10.0.0.0/104"]);

    expect(read("10.9.9.9", "203.0.113.7")).toBe("203.0.113.7");
    expect(read("::ffff:10.9.9.9", "203.0.113.7")).toBe("203.0.113.7");
    expect(read("11.0.0.1", "203.0.113.7")).toBe("11.0.0.1");
  });

  it("reports the first peer that sends X-Forwarded-For and is not a trusted proxy, once", () => {
    const reported: string[] = [];
    const read = createClientAddressReader(["10.0.0.1"], {
      onUntrustedProxy: (peerAddress) => reported.push(peerAddress),
    });

    read("10.0.0.1", "203.0.113.7");
    read("10.0.0.2", undefined);
    read("10.0.0.2", " ");
    read(undefined, "203.0.113.7");
    expect(reported).toEqual([]);
    read("::ffff:10.0.0.2", "203.0.113.7");
    read("10.0.0.2", "203.0.113.7");
    read("2001:db8::2", "203.0.113.7");
    expect(reported).toEqual(["10.0.0.2"]);
  });

  it.each(["", "proxy.test", "10.0.0.0/33", "10.0.0", "*"])(
    "refuses the trusted proxy %j at start",
    (proxy) => {
      expect(() => createClientAddressReader([proxy])).toThrow(TypeError);
    },
  );
});
