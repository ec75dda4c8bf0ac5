import { initTRPC } from "@trpc/server";
import type { TRPCError } from "@trpc/server";
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
import type { BearerOptions } from "../http/bearer.js";
import {
  requireAnyRole,
  requireTenant,
} from "../core/session/session-requirement.js";
import type { NoColumns } from "../core/stores/user-extension.js";
import type { RequestAuth } from "../http/request-auth.js";
import { toTrpcError } from "./error-formatter.js";
import { watchSession } from "./session-watch.js";

/** The context that these procedures and guards require. `Columns` are the app's own columns of a user. */
export interface AuthContext<Columns = NoColumns> {
  readonly auth: RequestAuth<Columns>;
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
export function createAuthProcedures<Columns = NoColumns>() {
  const t = initTRPC.context<AuthContext<Columns>>().create();

  // One middleware for each guard, because tRPC copies the call for each. It also translates the errors of input parsers
  // and resolvers.
  const ownRequest = t.procedure.use(async ({ ctx, next }) => {
    try {
      ctx.auth.requireSameOrigin();
      ctx.auth.refuseBearerToken();
    } catch (error) {
      throw translateError(error);
    }
    return translateResult(await next());
  });

  const signedIn = t.procedure.use(async ({ ctx, next, type, signal }) => {
    const active = await requireActive(ctx.auth);
    const result = translateResult(await next({ ctx: active }));
    return result.ok && type === "subscription"
      ? { ...result, data: watchSession(result.data, ctx.auth, signal) }
      : result;
  });

  return {
    procedures: {
      login: ownRequest
        .input(parseFlowRequest)
        .mutation(
          ({ ctx, input }): Promise<{ readonly authorizationUrl: string }> =>
            ctx.auth.login(input),
        ),
      callback: ownRequest
        .input(parseCallbackParameters)
        .mutation(async ({ ctx, input }): Promise<SignInResult> => {
          const { user, isNewUser, returnUrl } = await ctx.auth.callback(input);
          return { user, isNewUser, returnUrl };
        }),
      me: ownRequest.query(
        async ({ ctx }): Promise<ActiveSession<Columns> | null> =>
          (await ctx.auth.readSession()) ?? null,
      ),
      logout: ownRequest.mutation(
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
     * Requires an access token in the header `Authorization`, of a user or an application. Adds `ctx.bearer`. It reads no
     * cookie, so browsers that are signed in by a session need another procedure.
     */
    requireBearer: (options?: BearerOptions) =>
      t.procedure.use(async ({ ctx, next }) => {
        const bearer = await ctx.auth
          .requireBearer(options)
          .catch((error: unknown) => {
            throw translateError(error);
          });
        return translateResult(await next({ ctx: { bearer } }));
      }),

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

/** @throws {TRPCError} if another site sent the request, or the user is not signed in. */
async function requireActive<Columns>(
  auth: RequestAuth<Columns>,
): Promise<ActiveSession<Columns>> {
  try {
    auth.requireSameOrigin();
    return await auth.requireSession();
  } catch (error) {
    throw translateError(error);
  }
}

function translateResult<
  Result extends {
    readonly ok: boolean;
    readonly error?: TRPCError | undefined;
  },
>(result: Result): Result {
  if (!result.ok && isAuthError(result.error?.cause))
    throw toTrpcError(result.error.cause);
  return result;
}

function translateError(error: unknown): unknown {
  return isAuthError(error) ? toTrpcError(error) : error;
}
