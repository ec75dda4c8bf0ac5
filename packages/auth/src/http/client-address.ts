import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Answers the address that a request came from, as a key for rate limits. */
export type ReadClientAddress = (
  peerAddress: string | undefined,
  forwardedFor: string | null | undefined,
) => string;

const ipv6GroupsPerSite = 4;
const ipv4Offset = 12;
// Translators write every IPv4 address with the same first 96 bits (RFC 6052, RFC 6145): in one /64, all of them together.
const translatedRanges: ReadonlySet<string> = new Set(["rfc6052", "rfc6145"]);
const hopPattern = /^(?:\[([^\]]*)\]|(\d+(?:\.\d+){3}))(?::\d+)?$/;

/**
 * Answers a function that tells where requests come from. `X-Forwarded-For` is believed only as far as it was written by
 * trusted proxies: from the right, the first address that is not one of them. An IPv6 address stands for its /64, which
 * is what one household or attacker has; one that a translator has made of an IPv4 address, for that.
 *
 * @param trustedProxies Addresses or CIDR ranges.
 * @throws {TypeError} if one of them is neither.
 */
export function createClientAddressReader(
  trustedProxies: readonly string[],
): ReadClientAddress {
  const ranges = trustedProxies.map(parseRange);
  const isTrusted = (address: Address) =>
    ranges.some((range) => isWithin(address, range));

  return (peerAddress, forwardedFor) => {
    let client = parseAddress(peerAddress ?? "");
    const hops = (forwardedFor ?? "").split(",").toReversed();
    for (const hop of hops) {
      if (client === undefined || !isTrusted(client)) break;
      const previous = parseHop(hop.trim());
      if (previous === undefined) break;
      client = previous;
    }
    return client === undefined ? "unknown" : formatSite(client);
  };
}

function parseRange(text: string): [Address, number] {
  const address = parseAddress(text);
  if (address !== undefined)
    return [address, address.kind() === "ipv4" ? 32 : 128];
  if (!ipaddr.isValidCIDR(text))
    throw new TypeError(
      "A trusted proxy has to be an IP address or a CIDR range.",
    );
  return ipaddr.parseCIDR(text);
}

/** Some proxies write the port as well: `203.0.113.7:51234`, `[2001:db8::1]:51234`. */
function parseHop(text: string): Address | undefined {
  const [, ipv6, ipv4] = hopPattern.exec(text) ?? [];
  return parseAddress(ipv6 ?? ipv4 ?? text);
}

/** Of the ways to write an IPv4 address only the one with four decimal numbers: `10.0.0` is a mistake, not 10.0.0.0. */
function parseAddress(text: string): Address | undefined {
  const isAddress =
    ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
  return isAddress ? ipaddr.process(text) : undefined;
}

function isWithin(
  address: Address,
  [network, bits]: [Address, number],
): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

function formatSite(address: Address): string {
  if (address instanceof ipaddr.IPv4) return address.toString();
  if (translatedRanges.has(address.range())) {
    const ipv4 = address.toByteArray().slice(ipv4Offset);
    return new ipaddr.IPv4(ipv4).toString();
  }
  const groups = address.parts
    .slice(0, ipv6GroupsPerSite)
    .map((group) => group.toString(16));
  return `${groups.join(":")}::/64`;
}
