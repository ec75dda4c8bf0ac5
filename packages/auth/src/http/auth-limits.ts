import type { Auth } from "../core/auth.js";
import { readParts } from "../core/auth-parts.js";
import type { AuthParts } from "../core/auth-parts.js";
import { isAuthError } from "../core/error.js";
import { createClientAddressReader } from "./client-address.js";
import type { ReadClientAddress } from "./client-address.js";
import { createRateLimiter } from "./rate-limiter.js";
import type { RateLimiter } from "./rate-limiter.js";

const readers = new WeakMap<AuthParts, ReadClientAddress>();
const reported = new WeakSet<AuthParts>();

/** Returns the limiter of the option `rateLimit`; `undefined` if nothing is limited. */
export function rateLimiterOf(auth: Auth): RateLimiter | undefined {
  const { stores, rateLimit, onLimited } = readParts(auth) ?? {};
  if (stores === undefined || rateLimit === undefined) return undefined;
  const { consume } = createRateLimiter(stores, rateLimit);
  return {
    consume: async (action, clientAddress) => {
      try {
        await consume(action, clientAddress);
      } catch (error) {
        if (isAuthError(error) && error.code === "rate_limited")
          onLimited?.(action, clientAddress);
        throw error;
      }
    },
  };
}

/** Reports once that a sign-in is not limited, because its client address is unknown. */
export function reportUnknownAddress(auth: Auth): void {
  const parts = readParts(auth);
  if (parts === undefined || reported.has(parts)) return;
  reported.add(parts);
  parts.onUnknownAddress?.();
}

/** Returns the reader of client addresses for the option `trustedProxies`. It is created once per `Auth`. */
export function clientAddressReaderOf(auth: Auth): ReadClientAddress {
  const parts = readParts(auth);
  if (parts === undefined) return createClientAddressReader([]);
  const { trustedProxies, onUntrustedProxy } = parts;
  const reader =
    readers.get(parts) ??
    createClientAddressReader(trustedProxies, { onUntrustedProxy });
  readers.set(parts, reader);
  return reader;
}
