import type {
  SignedInRepresentation,
  UserRepresentation,
} from "../core/session/representation.js";
import type { Prompt } from "../core/provider/identity-client.js";

/** What a sign-in asks for. Everything is optional; without scopes it is a plain OpenID Connect sign-in. */
export interface SignInRequest {
  /** The page of our own origin to return to. `signIn` sets it to the current address if it is absent. */
  readonly returnUrl?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly prompt?: Prompt | undefined;
  readonly loginHint?: string | undefined;
  readonly domainHint?: string | undefined;
  /** A claims request as JSON text, as an API's challenge hands it out. */
  readonly claims?: string | undefined;
  /** How long ago the person may have authenticated at most, as `fresh_sign_in_required` asks it. */
  readonly maxAgeSeconds?: number | undefined;
}

/** The redirect URI's query. A repeated parameter is an array, so that the server can refuse the repetition. */
export type CallbackParameters = Readonly<
  Record<string, string | readonly string[]>
>;

/** What a completed sign-in answers. */
export interface CompletedSignIn {
  readonly user: UserRepresentation;
  /** Whether this sign-in created the user. */
  readonly isNewUser: boolean;
  /** Where the visitor set out from: an absolute URL of our own origin. Navigate to it as it stands. */
  readonly returnUrl: string;
}

/**
 * The server as the browser sees it. `createAuthClient` makes one of a tRPC client; any other transport implements the
 * interface itself, and rejects with errors that `parseAuthFailure` can read.
 */
export interface AuthClient {
  /** Initiates a flow and returns where the browser has to go. */
  login(request: SignInRequest): Promise<{ readonly authorizationUrl: string }>;

  /** Completes the flow that the parameters belong to. */
  callback(parameters: CallbackParameters): Promise<CompletedSignIn>;

  /** Returns who is signed in, `undefined` if nobody is, and rejects if that could not be found out. */
  me(): Promise<SignedInRepresentation | undefined>;

  /** Ends the session and returns where the browser has to go to end the identity provider's, too. */
  logout(): Promise<{ readonly logoutUrl: string }>;

  /** Ends all sessions of the person, in every browser, and returns the same. */
  logoutEverywhere(): Promise<{ readonly logoutUrl: string }>;
}

/** The `auth` branch of a tRPC client, as far as it is needed here. */
export interface AuthProcedures {
  readonly login: {
    mutate(
      request: SignInRequest,
    ): Promise<{ readonly authorizationUrl: string }>;
  };
  readonly callback: {
    mutate(parameters: CallbackParameters): Promise<CompletedSignIn>;
  };
  readonly me: { query(): Promise<SignedInRepresentation | null> };
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
