import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];
const nat64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("64:ff9b::"), 96];

/**
 * Is this the address of a machine on the public internet? `text` is an IP address without brackets.
 * False for private, loopback, link-local and every other special range, however it is written: v4 inside v6 and
 * NAT64 count as the v4 address in them; 6to4 and Teredo are refused whole.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (address instanceof ipaddr.IPv4) return address.range() === "unicast";
  if (address.match(nat64)) return ipaddr.fromByteArray(address.toByteArray().slice(12)).range() === "unicast";
  // ipaddr.js calls ::7f00:1 (the loopback, in an old form) unicast too
  return address.match(globalUnicast) && address.range() === "unicast";
}

/** The name leads to a machine that is not on the public internet: nothing was connected, or nothing was sent. */
export class PrivateAddress extends Error {
  constructor(hostname: string) {
    super(`${hostname} is not a public address`);
    this.name = "PrivateAddress";
  }
}

/** Resolves a name once and hands on what it found only when every address is public: checked is what is connected to. */
export function publicLookup(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const addresses = found as LookupAddress[];
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(new PrivateAddress(hostname), []);
      }
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
