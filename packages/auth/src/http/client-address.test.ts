import { describe, expect, it } from "vitest";
import { createClientAddressReader } from "./client-address.js";

describe("createClientAddressReader", () => {
  it("believes no X-Forwarded-For without trusted proxies", () => {
    const read = createClientAddressReader([]);

    expect(read("203.0.113.7", "198.51.100.1")).toBe("203.0.113.7");
  });

  it("believes no X-Forwarded-For of a peer that is not a trusted proxy", () => {
    const read = createClientAddressReader(["10.0.0.0/8"]);

    expect(read("203.0.113.7", "198.51.100.1")).toBe("203.0.113.7");
  });

  it("answers the address that the trusted proxy has added, not what the client sent before it", () => {
    const read = createClientAddressReader(["10.0.0.1"]);

    expect(read("10.0.0.1", "1.1.1.1, 2.2.2.2, 203.0.113.7")).toBe(
      "203.0.113.7",
    );
  });

  it("goes past every trusted proxy and no further", () => {
    const read = createClientAddressReader(["10.0.0.0/8", "192.168.1.1"]);

    expect(
      read("192.168.1.1", "1.1.1.1, 203.0.113.7, 10.9.9.9, 10.1.1.1"),
    ).toBe("203.0.113.7");
  });

  it("answers the last proxy where all addresses are trusted", () => {
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
  ])("stays with the proxy where it says %j", (forwardedFor) => {
    const read = createClientAddressReader(["10.0.0.1"]);

    expect(read("10.0.0.1", forwardedFor)).toBe("10.0.0.1");
  });

  it.each([
    ["203.0.113.7:51234", "203.0.113.7"],
    ["[2001:db8:1:2::3]:51234", "2001:db8:1:2::/64"],
    ["[2001:db8:1:2::3]", "2001:db8:1:2::/64"],
  ])(
    "reads %s, as proxies that add the port write it",
    (forwardedFor, address) => {
      const read = createClientAddressReader(["10.0.0.1"]);

      expect(read("10.0.0.1", forwardedFor)).toBe(address);
    },
  );

  it("[R19] lets an IPv6 address stand for its /64", () => {
    const read = createClientAddressReader([]);

    const answers = [
      "2001:db8:1:2::1",
      "2001:db8:1:2:ffff:ffff:ffff:ffff",
      "2001:db8:1:3::1",
    ].map((address) => read(address, undefined));

    expect(answers).toEqual([
      "2001:db8:1:2::/64",
      "2001:db8:1:2::/64",
      "2001:db8:1:3::/64",
    ]);
  });

  it("takes an IPv4 address written as IPv6 for the same address", () => {
    const read = createClientAddressReader(["10.0.0.1"]);

    expect(read("::ffff:203.0.113.7", undefined)).toBe("203.0.113.7");
    expect(read("::ffff:10.0.0.1", "203.0.113.7")).toBe("203.0.113.7");
  });

  it.each(["64:ff9b::203.0.113.7", "64:ff9b::cb00:7107", "::ffff:0:cb00:7107"])(
    "counts %s, made by a translator, as the IPv4 address in it",
    (address) => {
      expect(createClientAddressReader([])(address, undefined)).toBe(
        "203.0.113.7",
      );
    },
  );

  it("trusts no proxy for the IPv4 address that a translator has written into another", () => {
    const read = createClientAddressReader(["10.0.0.1"]);

    expect(read("64:ff9b::10.0.0.1", "198.51.100.1")).toBe("10.0.0.1");
  });

  it("counts an address the same on every interface of the machine", () => {
    const read = createClientAddressReader([]);

    expect(read("fe80::1%eth0", undefined)).toBe("fe80:0:0:0::/64");
    expect(read("fe80::2%eth1", undefined)).toBe("fe80:0:0:0::/64");
  });

  it("trusts IPv6 proxies by range", () => {
    const read = createClientAddressReader(["fd00::/8"]);

    expect(read("fd00::1", "2001:db8::1")).toBe("2001:db8:0:0::/64");
  });

  it.each([undefined, "", "not an address", "/var/run/socket"])(
    "answers one key for every peer like %j",
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
  ])("[R41] trusts %s as a proxy by the word private", (peer) => {
    const read = createClientAddressReader(["private"]);

    expect(read(peer, "203.0.113.7")).toBe("203.0.113.7");
  });

  it.each([
    "172.32.0.1",
    "11.0.0.1",
    "100.64.0.1",
    "203.0.113.9",
    "2001:db8::1",
  ])("[R41] trusts %s not, by the word private", (peer) => {
    const read = createClientAddressReader(["private"]);

    expect(read(peer, "203.0.113.7")).toBe(read(peer, undefined));
  });

  it("trusts what stands beside the word private as well", () => {
    const read = createClientAddressReader(["198.51.100.0/24", "private"]);

    expect(read("10.0.0.1", "203.0.113.7, 198.51.100.9, 192.168.7.7")).toBe(
      "203.0.113.7",
    );
  });

  it("takes a range of IPv4 addresses written as IPv6 for the IPv4 range", () => {
    const read = createClientAddressReader(["::ffff:10.0.0.0/104"]);

    expect(read("10.9.9.9", "203.0.113.7")).toBe("203.0.113.7");
    expect(read("::ffff:10.9.9.9", "203.0.113.7")).toBe("203.0.113.7");
    expect(read("11.0.0.1", "203.0.113.7")).toBe("11.0.0.1");
  });

  it("reports once, with its address, a peer that is no trusted proxy and brings X-Forwarded-For", () => {
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
