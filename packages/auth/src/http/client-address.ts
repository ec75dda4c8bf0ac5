import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Returns the address that a request came from, as a key for rate limits. */
export type ReadClientAddress = (
  peerAddress: string | undefined,
  forwardedFor: string | null | undefined,
) => string;

/** The options of `createClientAddressReader`. */
export interface ClientAddressOptions {
  /**
   * Called once, for the first request with `X-Forwarded-For` that does not come from a trusted proxy. Either a proxy
   * is missing in the list, and all visitors count as one address, or a client forged the header.
   */
  readonly onUntrustedProxy?: ((peerAddress: string) => void) | undefined;
}

type Range = readonly [network: Address, bits: number];

const ipv6GroupsPerSite = 4;
const ipv4Offset = 12;
// Translators write all IPv4 addresses with the same first 96 bits (RFC 6052, RFC 6145), and so within one /64.
const translatedRanges: ReadonlySet<string> = new Set(["rfc6052", "rfc6145"]);
/** The ranges of the keyword `private`: private use (RFC 1918), loopback, link-local, unique local (RFC 4193). */
const privateRanges: readonly string[] = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "::1/128",
  "fe80::/10",
  "fc00::/7",
];
const mappedPrefixBits = 96;
const hopPattern = /^(?:\[([^\]]*)\]|(\d+(?:\.\d+){3}))(?::\d+)?$/;

/**
 * Returns a function that determines the client address of a request. `X-Forwarded-For` is read from the right, and the
 * first address that is not a trusted proxy is the client's. An IPv6 address is reduced to its /64, because one
 * household or attacker has the whole of it. An IPv6 address that a translator made from an IPv4 address is reduced to
 * that one.
 *
 * @param trustedProxies Addresses, CIDR ranges, or `private`: private, loopback and link-local addresses.
 * @throws {TypeError} if an entry is none of these.
 */
export function createClientAddressReader(
  trustedProxies: readonly string[],
  { onUntrustedProxy }: ClientAddressOptions = {},
): ReadClientAddress {
  const ranges = trustedProxies
    .flatMap((proxy) => (proxy === "private" ? privateRanges : proxy))
    .map(parseRange);
  const isTrusted = (address: Address) =>
    ranges.some((range) => isWithin(address, range));
  let report = onUntrustedProxy;

  return (peerAddress, forwardedFor) => {
    let client = parseAddress(peerAddress ?? "");
    if (hasText(forwardedFor) && client !== undefined && !isTrusted(client)) {
      report?.(client.toString());
      report = undefined;
    }
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

function hasText(header: string | null | undefined): boolean {
  return (header ?? "").trim() !== "";
}

function parseRange(text: string): Range {
  const address = parseAddress(text);
  if (address !== undefined)
    return [address, address.kind() === "ipv4" ? 32 : 128];
  if (!ipaddr.isValidCIDR(text))
    throw new TypeError(
      'A trusted proxy must be an IP address, a CIDR range or "private".',
    );
  return toIpv4Range(ipaddr.parseCIDR(text));
}

/** IPv4 addresses written as IPv6 are compared as IPv4, so a range of them is converted to an IPv4 range. */
function toIpv4Range([network, bits]: Range): Range {
  const isMapped =
    network instanceof ipaddr.IPv6 &&
    network.isIPv4MappedAddress() &&
    bits >= mappedPrefixBits;
  return isMapped
    ? [network.toIPv4Address(), bits - mappedPrefixBits]
    : [network, bits];
}

/** Some proxies append the port: `203.0.113.7:51234`, `[2001:db8::1]:51234`. */
function parseHop(text: string): Address | undefined {
  const [, ipv6, ipv4] = hopPattern.exec(text) ?? [];
  return parseAddress(ipv6 ?? ipv4 ?? text);
}

/** Accepts IPv4 addresses with four decimal numbers only: `10.0.0` is a mistake, not 10.0.0.0. */
function parseAddress(text: string): Address | undefined {
  const isAddress =
    ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
  return isAddress ? ipaddr.process(text) : undefined;
}

function isWithin(address: Address, [network, bits]: Range): boolean {
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
