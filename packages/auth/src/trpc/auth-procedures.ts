import { initTRPC } from "@trpc/server";
import { parseSessionReference } from "../core/administration/administration-request.js";
import { AuthError, isAuthError } from "../core/error.js";
import {
  parseCallbackParameters,
  parseFlowRequest,
} from "../core/sign-in/flow-request.js";
import type { StoredSession } from "../core/stores/session-store.js";
import {
  formatOwnSession,
  formatSignedIn,
  formatUser,
} from "../core/session/representation.js";
import type {
  OwnSessionRepresentation,
  SignedInRepresentation,
  UserRepresentation,
} from "../core/session/representation.js";
import type { User } from "../core/stores/user.js";
import type { RequestAuth } from "../http/request-auth.js";
import { toTrpcError } from "./error-formatter.js";

/** What the context of a tRPC application has to hold for these procedures and guards. */
export interface AuthContext {
  readonly auth: RequestAuth;
}

/** What the guards add to the context. */
export interface SignedInContext {
  readonly user: User;
  readonly session: StoredSession;
}

/** What `callback` answers. */
export interface SignInAnswer {
  readonly user: UserRepresentation;
  readonly isNewUser: boolean;
  /** The page the visitor set out from: an absolute URL on our own origin. */
  readonly returnUrl: string;
}

/** What `createAuthProcedures` can be told; everything has a default. */
export interface AuthProcedureOptions {
  /** How recent a sign-in has to be to end a session of another browser. Defaults to 600. */
  readonly revocationMaxAgeSeconds?: number;
}

const defaultRevocationMaxAgeSeconds = 600;

/**
 * Makes the procedures `login`, `callback`, `me`, `logout`, `logoutEverywhere`, `sessions.list` and `sessions.revoke`, to be put under `auth` in the application's router, and
 * the guards, to be put in front of its own procedures with `concat`. A guard does not compile on an application whose
 * context lacks {@link AuthContext}.
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
export function createAuthProcedures({
  revocationMaxAgeSeconds = defaultRevocationMaxAgeSeconds,
}: AuthProcedureOptions = {}) {
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
    const { user, session } = await ctx.auth.requireSession();
    const signedInContext: SignedInContext = { user, session };
    return next({ ctx: signedInContext });
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
        .mutation(async ({ ctx, input }): Promise<SignInAnswer> => {
          const { user, isNewUser, returnUrl } = await ctx.auth.callback(input);
          return { user: formatUser(user), isNewUser, returnUrl };
        }),
      me: sameOrigin.query(
        async ({ ctx }): Promise<SignedInRepresentation | null> => {
          const present = await ctx.auth.readSession();
          return present === undefined ? null : formatSignedIn(present);
        },
      ),
      logout: sameOrigin.mutation(
        ({ ctx }): Promise<{ readonly logoutUrl: string }> => ctx.auth.logout(),
      ),
      logoutEverywhere: signedIn.mutation(
        ({ ctx }): Promise<{ readonly logoutUrl: string }> =>
          ctx.auth.logoutEverywhere(),
      ),
      sessions: {
        list: signedIn.query(
          async ({ ctx }): Promise<readonly OwnSessionRepresentation[]> => {
            const sessions = await ctx.auth.listSessions();
            return sessions.map((session) =>
              formatOwnSession(session, ctx.session),
            );
          },
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

    /** Lets only somebody who is signed in pass: `ctx.user` and `ctx.session` are then there. */
    signedIn,

    /**
     * Lets only somebody with this app role pass. Where several organisations may sign in, each of them assigns the role to
     * its own people: put {@link requireTenant} in front as well, or show them their own organisation alone.
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
     * Lets only somebody pass who proved who they are so recently. Others get `fresh_sign_in_required`; the browser sends
     * them through `login` with the same `maxAgeSeconds`. Less than 300 asks more of two clocks than they promise.
     */
    requireFreshSignIn: (maxAgeSeconds: number) =>
      signedIn.use(async ({ ctx, next }) => {
        await ctx.auth.requireFreshSignIn(maxAgeSeconds);
        return next();
      }),

    /** Lets only somebody of this organisation pass; its guests as well, whose tenant ID is the organisation's. */
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
