import {
  createAdministrationProcedures,
  createAuthProcedures,
  formatAuthError,
} from "@entrada/auth/trpc";
import type { AuthContext } from "@entrada/auth/trpc";
import { initTRPC } from "@trpc/server";

/** What every procedure of this product may use. */
export type AppContext = AuthContext;

/** What the workspace page shows. */
export interface Greeting {
  readonly message: string;
  readonly tenantId: string;
  readonly signedInAt: string;
}

/** What administrators alone read. */
export interface AdminNotice {
  readonly message: string;
}

/** The app role that administrators have at the identity provider. */
const administratorRole = "Admin";

const t = initTRPC
  .context<AppContext>()
  .create({ errorFormatter: formatAuthError, isDev: false });
const auth = createAuthProcedures();
const signedInProcedure = t.procedure.concat(auth.signedIn);
const administratorProcedure = t.procedure.concat(
  auth.requireRole(administratorRole),
);

/** The tRPC router of this product. */
export const appRouter = t.router({
  auth: auth.procedures,
  admin: createAdministrationProcedures({ role: administratorRole }),
  workspace: {
    greeting: signedInProcedure.query(
      ({ ctx: { user, session } }): Greeting => ({
        message: `Good to see you, ${user.name}.`,
        tenantId: user.tenantId,
        signedInAt: session.createdAt,
      }),
    ),
    adminNotice: administratorProcedure.query(
      ({ ctx: { user } }): AdminNotice => ({
        message: `You read this because your account has the role “${administratorRole}”, ${user.name}.`,
      }),
    ),
  },
});

/** The typed contract that the web app is compiled against. */
export type AppRouter = typeof appRouter;
