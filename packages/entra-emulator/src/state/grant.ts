import type { AccountKey } from "../directory/account.js";
import type { Platform } from "../directory/redirect-uri.js";

/** The authorization that authorization codes and refresh tokens refer to. */
export interface Grant {
  readonly clientId: string;
  readonly account: AccountKey;
  /** The `scope` parameter of the authorization request. */
  readonly scope: string;
  readonly platform: Platform;
  readonly sid: string;
  readonly authTime: Date;
  readonly maxAgeSeconds: number | undefined;
  readonly nonce: string | undefined;
}

/** An authorization code. */
export interface CodeRecord {
  readonly grant: Grant;
  readonly authoritySegment: string;
  readonly redirectUri: string;
  readonly codeChallenge: string | undefined;
  readonly codeChallengeMethod: "S256" | "plain" | undefined;
  readonly issuedAt: Date;
  readonly isRedeemed: boolean;
}

/** A refresh token. */
export interface RefreshRecord {
  readonly grant: Grant;
  readonly issuedAt: Date;
  /** When the first token of the chain was issued; limits the lifetime of an SPA's chain. */
  readonly chainStartedAt: Date;
}

/** The account and scopes of an access token. */
export interface AccessRecord {
  readonly clientId: string;
  readonly account: AccountKey;
  readonly resourceId: string;
  readonly scopeNames: readonly string[];
}
