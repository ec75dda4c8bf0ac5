import { initTRPC } from "@trpc/server";
import { parseSessionReference } from "../core/administration/administration-request.js";
import { isAuthError } from "../core/error.js";
import {
  parseCallbackParameters,
  parseFlowRequest,
} from "../core/sign-in/flow-request.js";
import type {
  ActiveSession,
  OwnSession,
  SignInResult,
} from "../core/session/active-session.js";
import {
  requireAnyRole,
  requireTenant,
} from "../core/session/session-requirement.js";
import type { RequestAuth } from "../http/request-auth.js";
import { toTrpcError } from "./error-formatter.js";

/** The context that these procedures and guards require. */
export interface AuthContext {
  readonly auth: RequestAuth;
}

/** The maximum age of a sign-in to end a session in another browser. */
const revocationMaxAgeSeconds = 600;

/**
 * Creates the procedures `login`, `callback`, `me`, `logout`, `logoutEverywhere`, `sessions.list` and `sessions.revoke`
 * for `auth` in the application's router, and guards for the application's own procedures. Add a guard by `concat`. It
 * does not compile if the application's context lacks {@link AuthContext}.
 *
 * Pass {@link formatAuthError} to the application's `initTRPC`, or error codes do not reach the browser. A server-side
 * caller receives a `TRPCError` with tRPC's code, such as `UNAUTHORIZED`, and the `AuthError` as its cause.
 *
 * @example
 * const t = initTRPC.context<AppContext>().create({ errorFormatter: formatAuthError });
 * const auth = createAuthProcedures();
 * const signedInProcedure = t.procedure.concat(auth.signedIn);
 * const appRouter = t.router({
 *   auth: auth.procedures,
 *   greeting: signedInProcedure.query(({ ctx }) => `Hello ${ctx.user.name}`),
 * });
 */
export function createAuthProcedures() {
  const t = initTRPC.context<AuthContext>().create();

  // The outermost middleware translates the errors of guards, input parsers and resolvers.
  const translated = t.procedure.use(async ({ next }) => {
    const result = await next();
    if (!result.ok && isAuthError(result.error.cause))
      throw toTrpcError(result.error.cause);
    return result;
  });

  const sameOrigin = translated.use(({ ctx, next }) => {
    ctx.auth.requireSameOrigin();
    return next();
  });

  const signedIn = sameOrigin.use(async ({ ctx, next }) => {
    const active: ActiveSession = await ctx.auth.requireSession();
    return next({ ctx: active });
  });

  return {
    procedures: {
      login: sameOrigin
        .input(parseFlowRequest)
        .mutation(
          ({ ctx, input }): Promise<{ readonly authorizationUrl: string }> =>
            ctx.auth.login(input),
        ),
      callback: sameOrigin
        .input(parseCallbackParameters)
        .mutation(async ({ ctx, input }): Promise<SignInResult> => {
          const { user, isNewUser, returnUrl } = await ctx.auth.callback(input);
          return { user, isNewUser, returnUrl };
        }),
      me: sameOrigin.query(
        async ({ ctx }): Promise<ActiveSession | null> =>
          (await ctx.auth.readSession()) ?? null,
      ),
      logout: sameOrigin.mutation(
        ({ ctx }): Promise<{ readonly logoutUrl: string }> => ctx.auth.logout(),
      ),
      logoutEverywhere: signedIn.mutation(
        ({ ctx }): Promise<{ readonly logoutUrl: string }> =>
          ctx.auth.logoutEverywhere(),
      ),
      sessions: {
        list: signedIn.query(({ ctx }): Promise<readonly OwnSession[]> =>
          ctx.auth.listSessions(),
        ),
        revoke: signedIn
          .input(parseSessionReference)
          .mutation(
            async ({ ctx, input }): Promise<{ readonly sessionId: string }> => {
              const { sessionId } = input;
              await ctx.auth.revokeSession(sessionId, revocationMaxAgeSeconds);
              return { sessionId };
            },
          ),
      },
    },

    /** Requires a session. Adds `ctx.user` and `ctx.session`. */
    signedIn,

    /**
     * Requires this app role. If several organisations may sign in, each assigns the role to its own users: also use
     * {@link requireTenant}, or show administrators only their own organisation.
     */
    requireRole: (role: string) =>
      signedIn.use(({ ctx, next }) => {
        requireAnyRole(ctx, [role]);
        return next();
      }),

    /**
     * Requires that the user authenticated at most `maxAgeSeconds` ago, or throws `fresh_sign_in_required`. The browser
     * then calls `login` with the same `maxAgeSeconds`. Use at least 300, because the clocks of the two servers may
     * differ.
     */
    requireFreshSignIn: (maxAgeSeconds: number) =>
      signedIn.use(async ({ ctx, next }) => {
        await ctx.auth.requireFreshSignIn(maxAgeSeconds);
        return next();
      }),

    /** Requires a user of this organisation. Its guests are included, because they have its tenant ID. */
    requireTenant: (tenantId: string) =>
      signedIn.use(({ ctx, next }) => {
        requireTenant(ctx, tenantId);
        return next();
      }),
  };
}
