import type { AuditTrail } from "./administration/audit-trail.js";
import type { AuthEventListener } from "./event.js";
import type { IdTokenClaims } from "./token/id-token.js";
import type { IdentityClient } from "./provider/identity-client.js";
import type { Stores } from "./stores/stores.js";
import type { NoColumns } from "./stores/user-extension.js";
import type { SessionTimeouts } from "./session/session-timeouts.js";
import type { User, UserProfile } from "./stores/user.js";

/** A sign-in with a valid ID token, before anything is stored. */
export interface SignIn {
  /** The claims about the user in the ID token. */
  readonly profile: UserProfile;
  /** The stored user, if one of their earlier sign-ins to this registration was admitted. */
  readonly existingUser: User | undefined;
  /** Whether none of their earlier sign-ins to this registration was admitted. */
  readonly isNewUser: boolean;
  readonly idTokenClaims: IdTokenClaims;
  /**
   * Whether the user is in more groups than a token can hold. `profile.groups` is then empty; read them from Microsoft
   * Graph.
   */
  readonly hasGroupOverage: boolean;
}

/** The app's decision on a sign-in: no change, a refusal, or roles and groups that replace those of the ID token. */
export type SignInDecision =
  | undefined
  | { readonly refuse: string }
  | {
      readonly roles?: UserProfile["roles"] | undefined;
      readonly groups?: UserProfile["groups"] | undefined;
    };

/**
 * Runs at each sign-in, before anything is stored. `{ refuse }` fails the sign-in with `sign_in_refused` and that text,
 * which is shown to the user. Throwing fails it with `internal_error`. In both cases nothing is stored: a new user
 * stays new, and an existing user keeps the stored roles and groups. It is not called for a disabled user.
 */
export type OnSignIn = (
  signIn: SignIn,
) => SignInDecision | Promise<SignInDecision>;

/** An admitted sign-in: the user is stored and the session has started. */
export interface CompletedSignIn {
  readonly user: User;
  /** Whether this is the user's first admitted sign-in to this registration. */
  readonly isNewUser: boolean;
  readonly idTokenClaims: IdTokenClaims;
  /**
   * Whether the user is in more groups than a token can hold. `user.groups` is then empty; read them from Microsoft
   * Graph.
   */
  readonly hasGroupOverage: boolean;
}

/**
 * Runs at each sign-in, after the user is stored and before the browser receives its session. Create the app's own row
 * for the user here. Throwing ends the new session and fails the sign-in with `internal_error`. The stored user remains
 * and is not new at the next sign-in, so insert the row if it is missing instead of relying on `isNewUser`. A promise
 * is awaited.
 */
export type OnSignedIn = (signIn: CompletedSignIn) => unknown;

/**
 * Which navigations from other sites carry the cookies: none (`strict`), or links and redirects (`lax`). Use `strict`
 * for a single-page app that sends the callback with `fetch`. Use `lax` for an app that signs in by navigations: there
 * the callback is a navigation from the identity provider's site.
 */
export type SameSite = "strict" | "lax";

/** How the browser signs out at the identity provider. */
export interface SignOutOptions {
  /**
   * Whether to send the user's ID token as `id_token_hint`, for an identity provider that requires it. The token is
   * then part of a URL in the browser, so leave this off with Entra ID, which does not need it.
   */
  readonly sendsIdTokenHint?: boolean | undefined;
  /**
   * Whether a sign-out makes the browser delete the storage of the application's origin
   * (`Clear-Site-Data: "storage"`). This affects every application on that origin. Defaults to false.
   */
  readonly clearsStorage?: boolean | undefined;
}

/** The options of `createAuth`. `Columns` are the app's own columns of a user, which the stores read. */
export interface AuthOptions<Columns = NoColumns> {
  /**
   * The public URL of the application: an origin, with a path if the application is served below one. Determines
   * redirect URI, cookies and return URLs. Never taken from a request.
   */
  readonly appUrl: string;
  /** The `SameSite` attribute of the cookies. Defaults to `strict`. */
  readonly sameSite?: SameSite | undefined;
  /**
   * The page after a sign-out, as a path of the application such as `/goodbye`. Defaults to the start page. Entra
   * redirects there only if the page's URL is a redirect URI of the registration.
   */
  readonly signedOutPath?: string | undefined;
  /** Whether HSTS also covers the subdomains of the application's host. Defaults to true. */
  readonly hstsIncludeSubDomains?: boolean | undefined;
  readonly identityClient: IdentityClient;
  readonly stores: Stores<Columns>;
  /** At least 32 random bytes each. Values in the stores are encrypted with the first and decrypted with any. */
  readonly secrets: readonly Uint8Array[];
  /** If given, only organisations with these tenant IDs may sign in. */
  readonly allowedTenants?: readonly string[] | undefined;
  /** Defaults to `aal2`: one hour idle and 24 hours absolute. */
  readonly session?:
    | { [Name in keyof SessionTimeouts]?: SessionTimeouts[Name] | undefined }
    | undefined;
  readonly flow?:
    | {
        /** How long a user may take to sign in at the identity provider. Defaults to 600. */
        readonly timeoutSeconds?: number | undefined;
      }
    | undefined;
  readonly signOut?: SignOutOptions | undefined;
  /**
   * How many sign-ins an address may start per minute. `0` allows any number. Without this option, nothing is limited.
   */
  readonly rateLimit?: { readonly perMinute: number } | undefined;
  /**
   * The proxies whose `X-Forwarded-For` is trusted: addresses, CIDR ranges, or `private` for all private networks
   * and this machine. Defaults to none.
   */
  readonly trustedProxies?: readonly string[] | undefined;
  /**
   * The tenant ID of the organisation that runs the application. Administrators see their own organisation's entries of
   * the audit trail; administrators of this organisation also see the entries without a user. Defaults to the
   * organisation that may sign in, if there is only one.
   */
  readonly operatorTenantId?: string | undefined;
  /** Where to store the events that belong in an audit trail. Without this option, none are stored. */
  readonly auditTrail?: AuditTrail | undefined;
  /** How long the audit trail keeps an entry: at least 30 days. Without this option, forever. */
  readonly auditRetentionDays?: number | undefined;
  /** Decides whether the user may sign in, and with which roles and groups. */
  readonly onSignIn?: OnSignIn | undefined;
  /** Creates the app's own record of the user. */
  readonly onSignedIn?: OnSignedIn | undefined;
  readonly onEvent?: AuthEventListener | undefined;
  readonly now?: (() => Date) | undefined;
}
