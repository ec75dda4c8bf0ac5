import { initTRPC } from "@trpc/server";
import { parseSessionReference } from "../core/administration/administration-request.js";
import { AuthError, isAuthError } from "../core/error.js";
import {
  parseCallbackParameters,
  parseFlowRequest,
} from "../core/sign-in/flow-request.js";
import type {
  ActiveSession,
  OwnSession,
  SignInResult,
} from "../core/session/active-session.js";
import type { RequestAuth } from "../http/request-auth.js";
import { toTrpcError } from "./error-formatter.js";

/** The context that these procedures and guards require. */
export interface AuthContext {
  readonly auth: RequestAuth;
}

/** How recent a sign-in must be to end a session of another browser. */
const revocationMaxAgeSeconds = 600;

/**
 * Creates the procedures `login`, `callback`, `me`, `logout`, `logoutEverywhere`, `sessions.list` and `sessions.revoke` for
 * `auth` in the application's router, and the guards for its own procedures, which take them by `concat`. A guard does not
 * compile in an application whose context lacks {@link AuthContext}.
 *
 * Give the application's `initTRPC` the {@link formatAuthError} of this package, or error codes do not reach the browser.
 * A caller on the server receives a `TRPCError` with tRPC's own code, such as `UNAUTHORIZED`, and the `AuthError` as cause.
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

  // The outermost middleware: it translates what guards, input parsers and resolvers throw.
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
     * Requires this app role. If several organisations may sign in, each assigns the role to its own users: use
     * {@link requireTenant} as well, or show administrators only their own organisation.
     */
    requireRole: (role: string) =>
      signedIn.use(({ ctx, next }) => {
        if (!ctx.user.roles.includes(role)) {
          throw new AuthError(
            "role_required",
            "Your account lacks the role that this needs.",
            { userId: ctx.user.id },
          );
        }
        return next();
      }),

    /**
     * Requires that the user authenticated at most `maxAgeSeconds` ago. Others get `fresh_sign_in_required`; the browser
     * then calls `login` with the same `maxAgeSeconds`. Less than 300 is more precise than the two clocks.
     */
    requireFreshSignIn: (maxAgeSeconds: number) =>
      signedIn.use(async ({ ctx, next }) => {
        await ctx.auth.requireFreshSignIn(maxAgeSeconds);
        return next();
      }),

    /** Requires a user of this organisation. Its guests pass as well: their tenant ID is the organisation's. */
    requireTenant: (tenantId: string) =>
      signedIn.use(({ ctx, next }) => {
        if (ctx.user.tenantId !== tenantId) {
          throw new AuthError(
            "tenant_required",
            "This is for members of another organisation.",
            { userId: ctx.user.id },
          );
        }
        return next();
      }),
  };
}
