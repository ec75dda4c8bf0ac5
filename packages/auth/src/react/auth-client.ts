import type {
  ActiveSession,
  SignInResult,
} from "../core/session/active-session.js";
import type { CallbackParameters } from "../core/sign-in/callback.js";
import type { Prompt } from "../core/provider/identity-client.js";

/** The options of a sign-in. All are optional; without scopes it is a plain OpenID Connect sign-in. */
export interface SignInRequest {
  /** The page of the same origin to return to. Defaults to the current address. */
  readonly returnUrl?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly prompt?: Prompt | undefined;
  readonly loginHint?: string | undefined;
  readonly domainHint?: string | undefined;
  /** A claims request as JSON text, as in an API's challenge. */
  readonly claims?: string | undefined;
  /** How long ago the user may have authenticated at most, as `fresh_sign_in_required` requires it. */
  readonly maxAgeSeconds?: number | undefined;
}

/**
 * The server as the browser sees it. `createAuthClient` makes one from a tRPC client; for any other transport, implement the
 * interface and reject with errors that `parseAuthFailure` can read.
 */
export interface AuthClient {
  /** Initiates a flow and returns the URL to navigate to. */
  login(request: SignInRequest): Promise<{ readonly authorizationUrl: string }>;

  /** Completes the flow that the parameters belong to. */
  callback(parameters: CallbackParameters): Promise<SignInResult>;

  /** Returns the active session; `undefined` for a visitor who is not signed in. Rejects if the server cannot tell. */
  me(): Promise<ActiveSession | undefined>;

  /** Ends the session and returns the URL that signs the browser out at the identity provider. */
  logout(): Promise<{ readonly logoutUrl: string }>;

  /** Ends the user's sessions in all browsers, and returns the same URL. */
  logoutEverywhere(): Promise<{ readonly logoutUrl: string }>;
}

/** The procedures of a tRPC client's `auth` branch that `createAuthClient` calls. */
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
 * Creates an `AuthClient` that speaks to the procedures of `createAuthProcedures`.
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
