import type {
  ActiveSession,
  SignInResult,
} from "../core/session/active-session.js";
import type { CallbackParameters } from "../core/sign-in/callback.js";
import type { Prompt } from "../core/provider/identity-client.js";

/** The options of a sign-in. All are optional; without scopes it is a plain OpenID Connect sign-in. */
export interface SignInRequest {
  /** The page to return to, of the same origin. Defaults to the current address. */
  readonly returnUrl?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly prompt?: Prompt | undefined;
  readonly loginHint?: string | undefined;
  readonly domainHint?: string | undefined;
  /** A claims request as JSON, as in an API's challenge. */
  readonly claims?: string | undefined;
  /** The maximum time since the user authenticated, from a failure with the code `fresh_sign_in_required`. */
  readonly maxAgeSeconds?: number | undefined;
}

/**
 * The server's API for the browser. `createAuthClient` creates it from a tRPC client. For another transport, implement
 * the interface and reject with errors that `parseAuthFailure` can read.
 */
export interface AuthClient {
  /** Initiates a flow and returns the URL to navigate to. */
  login(request: SignInRequest): Promise<{ readonly authorizationUrl: string }>;

  /** Completes the flow that the parameters belong to. */
  callback(parameters: CallbackParameters): Promise<SignInResult>;

  /** Returns the active session; `undefined` for a visitor who is not signed in. Rejects if the state is unknown. */
  me(): Promise<ActiveSession | undefined>;

  /** Ends the session and returns the URL that signs the browser out at the identity provider. */
  logout(): Promise<{ readonly logoutUrl: string }>;

  /** Ends the user's sessions in all browsers, and returns the same URL as `logout`. */
  logoutEverywhere(): Promise<{ readonly logoutUrl: string }>;
}

/** The `auth` procedures of a tRPC client that `createAuthClient` calls. */
export interface AuthProcedures {
  readonly login: {
    mutate(
      request: SignInRequest,
    ): Promise<{ readonly authorizationUrl: string }>;
  };
  readonly callback: {
    mutate(parameters: CallbackParameters): Promise<SignInResult>;
  };
  readonly me: { query(): Promise<ActiveSession | null> };
  readonly logout: { mutate(): Promise<{ readonly logoutUrl: string }> };
  readonly logoutEverywhere: {
    mutate(): Promise<{ readonly logoutUrl: string }>;
  };
}

/**
 * Creates an `AuthClient` that calls the procedures of `createAuthProcedures`.
 *
 * @example
 * const trpcClient = createTRPCClient<AppRouter>({ links });
 * const authClient = createAuthClient(trpcClient.auth);
 */
export function createAuthClient(procedures: AuthProcedures): AuthClient {
  return {
    login: (request) => procedures.login.mutate(request),
    callback: (parameters) => procedures.callback.mutate(parameters),
    me: async () => (await procedures.me.query()) ?? undefined,
    logout: () => procedures.logout.mutate(),
    logoutEverywhere: () => procedures.logoutEverywhere.mutate(),
  };
}
