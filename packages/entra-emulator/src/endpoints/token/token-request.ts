import type { Authority } from "../../directory/authority.js";
import type { Platform } from "../../directory/redirect-uri.js";
import { AadstsError } from "../../protocol/aadsts.js";
import type { AuthenticatedClient } from "./client-authentication.js";
import type { EmulatorRequest } from "../emulator-request.js";

/** A token request of an authenticated client. */
export interface TokenRequest {
  readonly authority: Authority;
  readonly client: AuthenticatedClient;
  readonly request: EmulatorRequest;
}

/**
 * Checks that the client authenticated as the platform of its redirect URI requires: `web` with a credential and
 * without `Origin`, `spa` with `Origin` and without a credential, public clients without a credential.
 *
 * @throws {AadstsError} 7000218, 700025, 9002326 or 9002327
 */
export function requirePlatformRules(
  platform: Platform,
  { client, request }: TokenRequest,
): void {
  const hasCredential = client.clientAuthentication !== 0;
  const isCrossOrigin = request.origin !== undefined;
  if (platform === "web") {
    if (isCrossOrigin) throw new AadstsError(9002326);
    if (!hasCredential) throw new AadstsError(7000218);
    return;
  }
  if (platform === "spa" && !isCrossOrigin) throw new AadstsError(9002327);
  if (hasCredential) throw new AadstsError(700025);
}
