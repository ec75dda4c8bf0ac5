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
  it("turn the session from a maybe into a fact, beside the app's own context", () => {
    t.procedure.concat(auth.signedIn).query(({ ctx }) => {
      expectTypeOf(ctx.user).toEqualTypeOf<ActiveUser>();
      expectTypeOf(ctx.session).toEqualTypeOf<Session>();
      expectTypeOf(ctx.auth).toEqualTypeOf<RequestAuth>();
      expectTypeOf(ctx.locale).toEqualTypeOf<string>();
    });
  });

  it("do so for a role and for a tenant too", () => {
    t.procedure
      .concat(auth.requireRole("Admin"))
      .query(({ ctx }) => expectTypeOf(ctx.user).toEqualTypeOf<ActiveUser>());
    t.procedure
      .concat(auth.requireTenant("id"))
      .query(({ ctx }) => expectTypeOf(ctx.session).toEqualTypeOf<Session>());
  });

  it("leave nothing in the context of a procedure without guard", () => {
    // @ts-expect-error There is no user without a guard.
    t.procedure.query(({ ctx }) => ctx.user);
  });

  it("do not compile on an app whose context lacks auth", () => {
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

  it("answer what the contract says", () => {
    expectTypeOf<Outputs["login"]>().toEqualTypeOf<{
      readonly authorizationUrl: string;
    }>();
    expectTypeOf<Outputs["callback"]>().toEqualTypeOf<SignInResult>();
    expectTypeOf<Outputs["me"]>().toEqualTypeOf<ActiveSession | null>();
    expectTypeOf<Outputs["logout"]>().toEqualTypeOf<{
      readonly logoutUrl: string;
    }>();
  });

  it("tell the browser no date that JSON would turn into a text", () => {
    expectTypeOf<
      NonNullable<Outputs["me"]>["session"]["expiresAt"]
    >().toEqualTypeOf<string>();
    expectTypeOf<
      Outputs["callback"]["user"]["createdAt"]
    >().toEqualTypeOf<string>();
  });

  it("take what a visitor may ask for", () => {
    expectTypeOf<FlowRequest>().toExtend<Inputs["login"]>();
  });
});
