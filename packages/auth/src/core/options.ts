import type { AuthEventListener } from "./event.js";
import type { IdTokenClaims } from "./token/id-token.js";
import type { IdentityClient } from "./provider/identity-client.js";
import type { Stores } from "./stores/stores.js";
import type { SessionTimeouts } from "./session/session-timeouts.js";
import type { User, UserProfile } from "./stores/user.js";

/** A sign-in whose ID token is valid. Nothing is stored of it yet. */
export interface SignIn {
  /** The claims about the user in the ID token. */
  readonly profile: UserProfile;
  /** The stored user, if a sign-in of theirs to this registration was admitted before. */
  readonly existingUser: User | undefined;
  /** Whether no sign-in of theirs to this registration was admitted before. */
  readonly isNewUser: boolean;
  readonly idTokenClaims: IdTokenClaims;
  /** Whether the person is in more groups than a token holds: `profile.groups` is empty, and Microsoft Graph knows them. */
  readonly hasGroupOverage: boolean;
}

/** What the app makes of a sign-in: nothing, a refusal, or other roles and groups than the ID token's. */
export type SignInDecision =
  | undefined
  | { readonly refuse: string }
  | {
      readonly roles?: UserProfile["roles"] | undefined;
      readonly groups?: UserProfile["groups"] | undefined;
    };

/**
 * Runs at each sign-in, before anything is stored. `{ refuse }` ends the sign-in with `sign_in_refused` and that text,
 * which the person reads. Throwing ends it too, as `internal_error`. Neither stores anything: a new user stays new, and
 * the roles and groups that a user has in sessions of other browsers stay as they are. It is not called for a user who
 * is disabled.
 */
export type OnSignIn = (
  signIn: SignIn,
) => SignInDecision | Promise<SignInDecision>;

/** A sign-in that was admitted: the user is stored and the session has started. */
export interface CompletedSignIn {
  readonly user: User;
  /** Whether this is the first sign-in of theirs to this registration that was admitted. */
  readonly isNewUser: boolean;
  readonly idTokenClaims: IdTokenClaims;
  /** Whether the person is in more groups than a token holds: `user.groups` is empty, and Microsoft Graph knows them. */
  readonly hasGroupOverage: boolean;
}

/**
 * Runs at each sign-in, after the user is stored and before the browser receives its session. Create the app's own row
 * for the user here. Throwing ends the new session again and fails the sign-in as `internal_error`; the user stays, and
 * is not new at the next sign-in. So insert or ignore the row at every sign-in, and do not rely on `isNewUser` for it.
 * A promise is awaited.
 */
export type OnSignedIn = (signIn: CompletedSignIn) => unknown;

/**
 * Which navigations from other sites carry the cookies: `strict`, none; `lax`, links and redirects. `strict` is for a
 * single-page app that sends the callback as a request of its own; `lax` for an app that signs in by navigations, whose
 * callback arrives from the identity provider's site.
 */
export type SameSite = "strict" | "lax";

/** How the browser signs out at the identity provider. */
export interface SignOutOptions {
  /**
   * Whether the identity provider receives the user's ID token as `id_token_hint`, for a provider that requires it. The
   * token then passes through the browser's address bar, so leave this off with Entra ID, which does not need it.
   */
  readonly sendsIdTokenHint?: boolean | undefined;
  /**
   * Whether a sign-out makes the browser delete what scripts of the application's origin have stored
   * (`Clear-Site-Data: "storage"`). Every application on that origin is affected. Defaults to false.
   */
  readonly clearsStorage?: boolean | undefined;
}

/** The options of `createAuth`. */
export interface AuthOptions {
  /**
   * The public address of the application: an origin, with a path where the application lives under one. Fixes redirect
   * URI, cookies and return URLs. Never taken from a request.
   */
  readonly appUrl: string;
  /** The `SameSite` attribute of the cookies. Defaults to `strict`. */
  readonly sameSite?: SameSite | undefined;
  /**
   * The page on which a sign-out ends, as a path of the application such as `/goodbye`. Defaults to its start page. Entra
   * redirects there only if the registration lists the address among its redirect URIs.
   */
  readonly signedOutPath?: string | undefined;
  /** Whether HSTS covers the subdomains of the application's host as well. Defaults to true. */
  readonly hstsIncludeSubDomains?: boolean | undefined;
  readonly identityClient: IdentityClient;
  readonly stores: Stores;
  /** At least 32 random bytes each: the first encrypts what rests in the stores, all decrypt. */
  readonly secrets: readonly Uint8Array[];
  /** If given, only organisations with these tenant IDs may sign in. */
  readonly allowedTenants?: readonly string[] | undefined;
  /** Defaults to `aal2`: one hour idle and 24 hours absolute. */
  readonly session?:
    | { [Name in keyof SessionTimeouts]?: SessionTimeouts[Name] | undefined }
    | undefined;
  readonly flow?:
    | {
        /** How long a sign-in may take at the identity provider. Defaults to 600. */
        readonly timeoutSeconds?: number | undefined;
      }
    | undefined;
  readonly signOut?: SignOutOptions | undefined;
  /** How many sign-ins an address may start a minute; `0` allows any number. Without it, nothing is limited. */
  readonly rateLimit?: { readonly perMinute: number } | undefined;
  /**
   * The proxies whose `X-Forwarded-For` is believed: addresses, CIDR ranges, or `private` for all private networks.
   * Defaults to none.
   */
  readonly trustedProxies?: readonly string[] | undefined;
  /**
   * The tenant ID of the organisation that runs the application. Administrators see their own organisation's part of the
   * audit trail; those of this one also what no user can be named for. Defaults to the only organisation that may sign
   * in, if there is just one, be it named by its tenant ID or by its domain.
   */
  readonly operatorTenantId?: string | undefined;
  /** How long the audit trail keeps an entry: at least 30 days. Without it, for ever. */
  readonly auditRetentionDays?: number | undefined;
  /** Decides whether the person may sign in, and with which roles and groups. */
  readonly onSignIn?: OnSignIn | undefined;
  /** Creates what the app itself stores about the user. */
  readonly onSignedIn?: OnSignedIn | undefined;
  readonly onEvent?: AuthEventListener | undefined;
  readonly now?: (() => Date) | undefined;
}
