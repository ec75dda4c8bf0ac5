import type { AuthEventListener } from "./event.js";
import type { IdTokenClaims } from "./id-token.js";
import type { IdentityClient, Stores } from "./ports.js";
import type { SessionTimeouts } from "./session-timeouts.js";
import type { SignOutOptions } from "./sign-out.js";
import type { User, UserProfile } from "./user.js";

/** A sign-in whose ID token is valid and whose user is stored; no session exists yet. */
export interface SignIn {
  readonly user: User;
  readonly isNewUser: boolean;
  readonly idTokenClaims: IdTokenClaims;
  /** Whether the person is in more groups than a token holds: `user.groups` is empty, and Microsoft Graph knows them. */
  readonly hasGroupOverage: boolean;
}

/** What the app makes of a sign-in: nothing, a refusal, or other roles and groups than the ID token's. */
export type SignInDecision =
  | undefined
  | { readonly refuse: string }
  | Partial<Pick<UserProfile, "roles" | "groups">>;

/**
 * Runs at each sign-in, after the user is stored and before a session starts. `{ refuse }` ends the sign-in with
 * `sign_in_refused` and that text, which the person reads. Throwing ends it too, as `internal_error`. Neither
 * changes the roles and groups that the user has in sessions of other browsers.
 */
export type OnSignIn = (
  signIn: SignIn,
) => SignInDecision | Promise<SignInDecision>;

/**
 * Which navigations from other sites carry the cookies: `strict`, none; `lax`, links and redirects. `strict` is for a
 * single-page app that sends the callback as a request of its own; `lax` for an app that signs in by navigations, whose
 * callback arrives from the identity provider's site.
 */
export type SameSite = "strict" | "lax";

/** What `createAuth` needs. */
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
  readonly session?: Partial<SessionTimeouts> | undefined;
  readonly flow?:
    | {
        /** How long a sign-in may take at the identity provider. Defaults to 600. */
        readonly timeoutSeconds?: number | undefined;
      }
    | undefined;
  readonly signOut?: SignOutOptions | undefined;
  /**
   * The tenant ID of the organisation that runs the application. Administrators see their own organisation's part of the
   * audit trail; those of this one also what no user can be named for. Defaults to the only organisation that may sign
   * in, if there is just one, be it named by its tenant ID or by its domain.
   */
  readonly operatorTenantId?: string | undefined;
  /** How long the audit trail keeps an entry: at least 30 days. Without it, for ever. */
  readonly auditRetentionDays?: number | undefined;
  readonly onSignIn?: OnSignIn | undefined;
  readonly onEvent?: AuthEventListener | undefined;
  readonly now?: (() => Date) | undefined;
}
