import { initTRPC } from "@trpc/server";
import type { inferRouterOutputs } from "@trpc/server";
import Database from "better-sqlite3";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { describe, expectTypeOf, it } from "vitest";
import type { Auth, UserColumns } from "../core/auth.js";
import { createAuth } from "../core/create-auth.js";
import type { AuthOptions } from "../core/options.js";
import type {
  ActiveSession,
  ActiveUser,
} from "../core/session/active-session.js";
import type { Stores } from "../core/stores/stores.js";
import { createSqliteStores } from "../drizzle/sqlite/stores.js";
import { createAuthFromEnvironment } from "../environment/create-auth-from-environment.js";
import { createRequestAuthFactory } from "../http/request-auth.js";
import { signInAs } from "../testing/app/sign-in-as.js";
import { createAuthProcedures } from "./auth-procedures.js";
import type { AuthContext } from "./auth-procedures.js";
import { createTrpcHandler } from "./host/fetch-handler.js";
import { trpcOptions } from "./host/trpc-options.js";

declare const options: AuthOptions;

const member = sqliteTable("member", {
  userId: text("user_id").primaryKey(),
  department: text("department").$type<"hr" | "it">().notNull(),
  joinedAt: integer("joined_at", { mode: "timestamp" }),
});
const extendUser = {
  table: member,
  userId: member.userId,
  columns: { department: member.department, joinedAt: member.joinedAt },
};
const database = new Database(":memory:");

interface MemberColumns {
  readonly department: "hr" | "it" | null;
  readonly joinedAt: Date | null;
}

const auth = createAuth({
  ...options,
  stores: createSqliteStores(database, { extendUser }),
});

describe("extendUser", () => {
  it("gives the columns' types to stores, auth and sessions", async () => {
    expectTypeOf(createSqliteStores(database, { extendUser })).toExtend<
      Stores<MemberColumns>
    >();
    expectTypeOf<UserColumns<typeof auth>>().toEqualTypeOf<MemberColumns>();
    const active = await auth.readSession("");
    expectTypeOf(active).toEqualTypeOf<
      ActiveSession<MemberColumns> | undefined
    >();
    expectTypeOf(active?.user.department).toEqualTypeOf<
      "hr" | "it" | null | undefined
    >();
  });

  it("gives them to createAuthFromEnvironment and signInAs", async () => {
    const fromEnvironment = createAuthFromEnvironment({ extendUser });
    const { user, requestAuth } = await signInAs(fromEnvironment);
    const again = await requestAuth.requireSession();

    expectTypeOf(user.joinedAt).toEqualTypeOf<Date | null>();
    expectTypeOf(again.user).toEqualTypeOf<ActiveUser & MemberColumns>();
  });

  it("gives them to ctx.user and auth.me", () => {
    const guards = createAuthProcedures<UserColumns<typeof auth>>();
    const t = initTRPC
      .context<AuthContext<UserColumns<typeof auth>>>()
      .create();
    const router = t.router({
      auth: guards.procedures,
      own: t.procedure.concat(guards.requireRole("Admin")).query(({ ctx }) => {
        expectTypeOf(ctx.user).toEqualTypeOf<ActiveUser & MemberColumns>();
        return ctx.user.department;
      }),
    });
    type Me = inferRouterOutputs<typeof router>["auth"]["me"];

    expectTypeOf<NonNullable<Me>["user"]["department"]>().toEqualTypeOf<
      "hr" | "it" | null
    >();
    // As JSON.
    expectTypeOf<NonNullable<Me>["user"]["joinedAt"]>().toEqualTypeOf<
      string | null
    >();
    expectTypeOf(createRequestAuthFactory({ auth })).returns.toEqualTypeOf<
      AuthContext<MemberColumns>["auth"]
    >();
  });

  it("suits a router whose context has the columns", () => {
    const guards = createAuthProcedures<MemberColumns>();
    const t = initTRPC.context<AuthContext<MemberColumns>>().create();
    const router = t.router({
      own: t.procedure
        .concat(guards.signedIn)
        .query(({ ctx }) => ctx.user.department),
    });

    createTrpcHandler({ auth, router });
    expectTypeOf(trpcOptions(auth).createContext).returns.toEqualTypeOf<
      AuthContext<MemberColumns>
    >();
  });

  it("changes no type of an app without it", async () => {
    const plain = createAuth({
      ...options,
      stores: createSqliteStores(database),
    });
    const active = await plain.readSession("");

    expectTypeOf(createSqliteStores(database)).toEqualTypeOf<Stores>();
    expectTypeOf(plain).toEqualTypeOf<Auth>();
    expectTypeOf(active?.user).toEqualTypeOf<ActiveUser | undefined>();
    // @ts-expect-error There is no such column.
    expectTypeOf(active?.user.department);
  });

  it("is an Auth wherever an Auth is expected", () => {
    expectTypeOf(auth).toExtend<Auth>();
  });

  it("refuses a column with the name of a field of every user", () => {
    createSqliteStores(database, {
      extendUser: {
        ...extendUser,
        // @ts-expect-error Every user has roles.
        columns: { roles: member.department },
      },
    });
  });
});
