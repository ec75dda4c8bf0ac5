import {
  createAdministrationProcedures,
  createAuthProcedures,
  formatAuthError,
} from "@entrada/auth/trpc";
import type { AuthContext } from "@entrada/auth/trpc";
import { initTRPC } from "@trpc/server";

/** The context of every procedure. */
export type AppContext = AuthContext;

/** The content of the workspace page. */
export interface Greeting {
  readonly message: string;
  readonly tenantId: string;
  readonly signedInAt: string;
}

/** A notice for administrators only. */
export interface AdminNotice {
  readonly message: string;
}

/** The app role of administrators at the identity provider. */
const administratorRole = "Admin";

const t = initTRPC
  .context<AppContext>()
  .create({ errorFormatter: formatAuthError, isDev: false });
const auth = createAuthProcedures();
const signedInProcedure = t.procedure.concat(auth.signedIn);
const administratorProcedure = t.procedure.concat(
  auth.requireRole(administratorRole),
);

/** The tRPC router of the app. */
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
