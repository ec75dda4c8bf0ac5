import { initTRPC } from "@trpc/server";
import { AuthError } from "../core/error.js";
import {
  parseCallbackParameters,
  parseFlowRequest,
} from "../core/flow-request.js";
import type { Session } from "../core/ports.js";
import { formatSignedIn, formatUser } from "../core/representation.js";
import type {
  SignedInRepresentation,
  UserRepresentation,
} from "../core/representation.js";
import type { User } from "../core/user.js";
import type { AuthRequest } from "../http/auth-request.js";

/** What the context of a tRPC application has to hold for these procedures and guards. */
export interface AuthContext {
  readonly auth: AuthRequest;
}

/** What the guards add to the context. */
export interface SignedInContext {
  readonly user: User;
  readonly session: Session;
}

/** What `callback` answers. */
export interface SignInAnswer {
  readonly user: UserRepresentation;
  readonly isNewUser: boolean;
  /** The page the visitor set out from: an absolute URL on our own origin. */
  readonly returnUrl: string;
}

/**
 * Makes the procedures `login`, `callback`, `me` and `logout`, to be put under `auth` in the application's router, and
 * the guards, to be put in front of its own procedures with `concat`. A guard does not compile on an application whose
 * context lacks {@link AuthContext}.
 *
 * Give the application's `initTRPC` the {@link formatAuthError} of this package, or error codes do not reach the browser.
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

  const sameOrigin = t.procedure.use(({ ctx, next }) => {
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
    },

    /** Lets only somebody who is signed in pass: `ctx.user` and `ctx.session` are then there. */
    signedIn,

    /** Lets only somebody with this app role pass. */
    requireRole: (role: string) =>
      signedIn.use(({ ctx, next }) => {
        if (!ctx.user.roles.includes(role)) {
          throw new AuthError(
            "role_required",
            "Your account lacks the role that this needs.",
          );
        }
        return next();
      }),

    /** Lets only somebody of this organisation pass; its guests as well, whose tenant ID is the organisation's. */
    requireTenant: (tenantId: string) =>
      signedIn.use(({ ctx, next }) => {
        if (ctx.user.tenantId !== tenantId) {
          throw new AuthError(
            "tenant_required",
            "This is for members of another organisation.",
          );
        }
        return next();
      }),
  };
}
