import { initTRPC } from "@trpc/server";
import {
  parseAuditListRequest,
  parseUserListRequest,
  parseUserReference,
} from "../core/administration/administration-request.js";
import type {
  AuditPage,
  UserPage,
} from "../core/administration/administration-page.js";
import type { UserExport } from "../core/administration/user-export.js";
import { createAuthProcedures } from "./auth-procedures.js";
import type { AuthContext } from "./auth-procedures.js";

/** The options of `createAdministrationProcedures`. */
export interface AdministrationOptions {
  /** The app role of administrators at the identity provider. */
  readonly role: string;
}

/** The maximum age of an administrator's sign-in to disable, enable, delete or export a user. */
const maxAgeSeconds = 600;

/**
 * Creates the procedures `users.list`, `users.disable`, `users.enable`, `users.delete`, `users.export` and `events.list` for
 * administrators. They have access to the users of their own organisation only. Each procedure has its own guards, so they can be mounted
 * anywhere.
 *
 * @example
 * const appRouter = t.router({
 *   auth: createAuthProcedures().procedures,
 *   admin: createAdministrationProcedures({ role: "Admin" }),
 * });
 */
export function createAdministrationProcedures({
  role,
}: AdministrationOptions) {
  const guards = createAuthProcedures();
  const t = initTRPC.context<AuthContext>().create();
  const administrator = t.procedure.concat(guards.requireRole(role));
  const freshAdministrator = administrator.concat(
    guards.requireFreshSignIn(maxAgeSeconds),
  );

  return {
    users: {
      list: administrator
        .input(parseUserListRequest)
        .query(({ ctx, input }): Promise<UserPage> =>
          ctx.auth.administration.listUsers(ctx, input),
        ),
      disable: freshAdministrator
        .input(parseUserReference)
        .mutation(
          async ({
            ctx,
            input,
          }): Promise<{ readonly endedSessions: number }> => ({
            endedSessions: await ctx.auth.administration.disableUser(
              ctx,
              input.userId,
            ),
          }),
        ),
      enable: freshAdministrator
        .input(parseUserReference)
        .mutation(
          async ({ ctx, input }): Promise<{ readonly userId: string }> => {
            await ctx.auth.administration.enableUser(ctx, input.userId);
            return { userId: input.userId };
          },
        ),
      delete: freshAdministrator
        .input(parseUserReference)
        .mutation(
          async ({ ctx, input }): Promise<{ readonly userId: string }> => {
            await ctx.auth.administration.deleteUser(ctx, input.userId);
            return { userId: input.userId };
          },
        ),
      export: freshAdministrator
        .input(parseUserReference)
        .query(({ ctx, input }): Promise<UserExport> =>
          ctx.auth.administration.exportUser(ctx, input.userId),
        ),
    },
    events: {
      list: administrator
        .input(parseAuditListRequest)
        .query(({ ctx, input }): Promise<AuditPage> =>
          ctx.auth.administration.listAuditEntries(ctx, input),
        ),
    },
  };
}
