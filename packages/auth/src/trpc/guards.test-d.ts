import { initTRPC } from "@trpc/server";
import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import { describe, expectTypeOf, it } from "vitest";
import type { FlowRequest } from "../core/sign-in/flow.js";
import type {
  ActiveSession,
  ActiveUser,
  Session,
  SignInResult,
} from "../core/session/active-session.js";
import type { RequestAuth } from "../http/request-auth.js";
import { createAuthProcedures } from "./auth-procedures.js";
import type { AuthContext } from "./auth-procedures.js";

interface AppContext extends AuthContext {
  readonly locale: string;
}

const auth = createAuthProcedures();
const t = initTRPC.context<AppContext>().create();
const withoutAuth = initTRPC.context<{ readonly locale: string }>().create();
const withAnotherAuth = initTRPC.context<{ readonly auth: string }>().create();

describe("guards", () => {
  it("add user and session to the app's own context", () => {
    t.procedure.concat(auth.signedIn).query(({ ctx }) => {
      expectTypeOf(ctx.user).toEqualTypeOf<ActiveUser>();
      expectTypeOf(ctx.session).toEqualTypeOf<Session>();
      expectTypeOf(ctx.auth).toEqualTypeOf<RequestAuth>();
      expectTypeOf(ctx.locale).toEqualTypeOf<string>();
    });
  });

  it("add them for requireRole and requireTenant too", () => {
    t.procedure
      .concat(auth.requireRole("Admin"))
      .query(({ ctx }) => expectTypeOf(ctx.user).toEqualTypeOf<ActiveUser>());
    t.procedure
      .concat(auth.requireTenant("id"))
      .query(({ ctx }) => expectTypeOf(ctx.session).toEqualTypeOf<Session>());
  });

  it("add nothing to the context of a procedure without a guard", () => {
    // @ts-expect-error There is no user without a guard.
    t.procedure.query(({ ctx }) => ctx.user);
  });

  it("do not compile in an app whose context lacks auth", () => {
    // @ts-expect-error The context has no auth.
    withoutAuth.procedure.concat(auth.signedIn);
    // @ts-expect-error The context has no auth.
    withoutAuth.procedure.concat(auth.requireRole("Admin"));
    // @ts-expect-error The context has no auth.
    withoutAuth.procedure.concat(auth.requireTenant("id"));
    // @ts-expect-error The context's auth is something else.
    withAnotherAuth.procedure.concat(auth.signedIn);
  });
});

describe("procedures", () => {
  const router = t.router({ auth: auth.procedures });
  type Inputs = inferRouterInputs<typeof router>["auth"];
  type Outputs = inferRouterOutputs<typeof router>["auth"];

  it("have the output types of the contract", () => {
    expectTypeOf<Outputs["login"]>().toEqualTypeOf<{
      readonly authorizationUrl: string;
    }>();
    expectTypeOf<Outputs["callback"]>().toEqualTypeOf<SignInResult>();
    expectTypeOf<Outputs["me"]>().toEqualTypeOf<ActiveSession | null>();
    expectTypeOf<Outputs["logout"]>().toEqualTypeOf<{
      readonly logoutUrl: string;
    }>();
  });

  it("have no Date in their output, because JSON makes it a string", () => {
    expectTypeOf<
      NonNullable<Outputs["me"]>["session"]["expiresAt"]
    >().toEqualTypeOf<string>();
    expectTypeOf<
      Outputs["callback"]["user"]["createdAt"]
    >().toEqualTypeOf<string>();
  });

  it("have the input types of the contract", () => {
    expectTypeOf<FlowRequest>().toExtend<Inputs["login"]>();
  });
});
