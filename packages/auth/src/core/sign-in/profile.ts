import type { IdTokenClaims } from "../token/id-token.js";
import type { ObjectId, TenantId } from "../identifiers.js";
import { listTexts, readText, readTexts } from "../text.js";
import type { UserProfile } from "../stores/user.js";

/** Returns the profile in a validated ID token, and whether the user has too many groups for the token. */
export function readProfile(claims: IdTokenClaims): {
  readonly profile: UserProfile;
  readonly hasGroupOverage: boolean;
} {
  const preferredUsername = readText(claims["preferred_username"]);
  return {
    profile: {
      tenantId: claims.tid as TenantId,
      objectId: claims.oid as ObjectId,
      subject: claims.sub,
      name: readText(claims["name"]) ?? preferredUsername ?? "",
      preferredUsername,
      email: readVerifiedEmail(claims),
      roles: readTexts(claims["roles"]),
      groups: readTexts(claims["groups"]),
    },
    hasGroupOverage: hasGroupOverage(claims),
  };
}

/**
 * An attacker with a tenant of their own can put any address into `email` (known as nOAuth). Entra confirms it with
 * `xms_edov`, which is a boolean, a number or a string, or by listing it among the verified primary addresses, in any
 * letter case. An address that is too long to be stored is ignored.
 */
function readVerifiedEmail(claims: IdTokenClaims): string | undefined {
  const email = readText(claims["email"]);
  if (email === undefined || email !== claims["email"]) return undefined;
  const confirmations: readonly unknown[] = [true, 1, "1", "true"];
  const isVerified =
    confirmations.includes(claims["xms_edov"]) ||
    listTexts(claims["verified_primary_email"]).some(
      (text) => text.toLowerCase() === email.toLowerCase(),
    );
  return isVerified ? email : undefined;
}

/** Entra's documentation also mentions the claim `groups:src1`. Tokens in practice have `_claim_names`. */
function hasGroupOverage(claims: IdTokenClaims): boolean {
  const names = claims["_claim_names"];
  const isListedElsewhere =
    typeof names === "object" && names !== null && "groups" in names;
  return (
    isListedElsewhere ||
    claims["groups:src1"] !== undefined ||
    claims["hasgroups"] === true ||
    claims["hasgroups"] === "true"
  );
}
