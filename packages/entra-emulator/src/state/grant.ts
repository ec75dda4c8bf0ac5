import type { AccountKey } from "../directory/account.js";
import type { Platform } from "../directory/redirect-uri.js";

/** What a person granted an app by signing in; carried by authorization codes and refresh tokens. */
export interface Grant {
  readonly clientId: string;
  readonly account: AccountKey;
  /** The `scope` parameter as it was sent to the authorization endpoint. */
  readonly scope: string;
  readonly platform: Platform;
  readonly sid: string;
  readonly authTime: Date;
  readonly maxAgeSeconds: number | undefined;
  readonly nonce: string | undefined;
}

/** An authorization code that waits for its redemption, or that was redeemed. */
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
  /** When the first token of the chain was issued: the life of an SPA's chain counts from there. */
  readonly chainStartedAt: Date;
}

/** Whom an access token for Microsoft Graph speaks for. */
export interface AccessRecord {
  readonly clientId: string;
  readonly account: AccountKey;
  readonly resourceId: string;
  readonly scopeNames: readonly string[];
}
