import { initTRPC } from "@trpc/server";
import {
  parseAuditListRequest,
  parseUserListRequest,
  parseUserReference,
} from "../core/administration/administration-request.js";
import {
  formatAuditEntry,
  formatManagedUser,
} from "../core/session/representation.js";
import type {
  AuditEntryRepresentation,
  ManagedUserRepresentation,
} from "../core/session/representation.js";
import { createAuthProcedures } from "./auth-procedures.js";
import type { AuthContext } from "./auth-procedures.js";

/** What `createAdministrationProcedures` needs. */
export interface AdministrationOptions {
  /** The app role that administrators have at the identity provider. */
  readonly role: string;
  /** How recent an administrator's sign-in has to be to disable or enable somebody. Defaults to 600. */
  readonly maxAgeSeconds?: number;
}

/** A page of users as administrators see it. */
export interface ManagedUserPage {
  readonly users: readonly ManagedUserRepresentation[];
  /** What to ask the next page with, as `after`; null if there is none. */
  readonly next: string | null;
}

/** A page of the audit trail as administrators see it. */
export interface AuditEntryPage {
  readonly entries: readonly AuditEntryRepresentation[];
  /** What to ask the next page with, as `before`; null if there is none. */
  readonly next: string | null;
}

const defaultMaxAgeSeconds = 600;

/**
 * Makes the procedures `users.list`, `users.disable`, `users.enable` and `events.list` for administrators, who reach the
 * users of their own organisation only. Guards stand in each of them, so it does not matter where they are mounted.
 *
 * @example
 * const appRouter = t.router({
 *   auth: createAuthProcedures().procedures,
 *   admin: createAdministrationProcedures({ role: "Admin" }),
 * });
 */
export function createAdministrationProcedures({
  role,
  maxAgeSeconds = defaultMaxAgeSeconds,
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
        .query(async ({ ctx, input }): Promise<ManagedUserPage> => {
          const page = await ctx.auth.administration.listUsers(ctx, input);
          return {
            users: page.users.map(formatManagedUser),
            next: page.next ?? null,
          };
        }),
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
    },
    events: {
      list: administrator
        .input(parseAuditListRequest)
        .query(async ({ ctx, input }): Promise<AuditEntryPage> => {
          const page = await ctx.auth.administration.listAuditEntries(
            ctx,
            input,
          );
          return {
            entries: page.entries.map(formatAuditEntry),
            next: page.next ?? null,
          };
        }),
    },
  };
}
