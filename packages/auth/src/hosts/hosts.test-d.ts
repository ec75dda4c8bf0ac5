import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { describe, expectTypeOf, it } from "vitest";
import type { Auth, UserColumns } from "../core/auth.js";
import type { ActiveSession } from "../core/session/active-session.js";
import type { Bearer } from "../core/token/bearer-token.js";
import * as forExpress from "../express.js";
import * as forFastify from "../fastify.js";
import * as forHono from "../hono.js";
import * as forNext from "../next.js";
import * as forNode from "../node.js";

declare const auth: Auth;
declare const extended: Auth<{ readonly department: string | null }>;
const admin = { role: "Admin" } as const;

describe("the session of a request", () => {
  it("may be undefined in Express", () => {
    const app = express();
    app.use(forExpress.authMiddleware(auth));
    app.get("/:id", forExpress.requireSession(admin), (req) => {
      expectTypeOf(req.auth).toEqualTypeOf<ActiveSession | undefined>();
      expectTypeOf(req.params.id).toEqualTypeOf<string>();
      expectTypeOf(forExpress.sessionOf(req)).toEqualTypeOf<ActiveSession>();
    });
  });

  it("may be undefined in Fastify", () => {
    const app = fastify();
    app.register(forFastify.authPlugin, { auth, basePath: "/auth" });
    // @ts-expect-error: the plugin needs `auth`.
    app.register(forFastify.authPlugin, {});
    const onRequest = forFastify.requireSession(admin);
    app.get<{ readonly Params: { readonly id: string } }>(
      "/:id",
      { onRequest },
      (request) => {
        expectTypeOf(request.auth).toEqualTypeOf<ActiveSession | undefined>();
        expectTypeOf(request.params.id).toEqualTypeOf<string>();
        return forFastify.sessionOf(request);
      },
    );
  });

  it("may be undefined in Hono", () => {
    const app = new Hono<{ Variables: { readonly own: number } }>();
    app.use(forHono.authMiddleware(auth));
    app.get("/:id", forHono.requireSession(admin), (c) => {
      expectTypeOf(c.get("auth")).toEqualTypeOf<ActiveSession | undefined>();
      expectTypeOf(c.get("own")).toEqualTypeOf<number>();
      expectTypeOf(c.req.param("id")).toEqualTypeOf<string>();
      return c.json(forHono.sessionOf(c).user);
    });
  });

  it("is beside the parameters in a wrapped route handler of Next", () => {
    interface Context {
      readonly params: Promise<{ readonly id: string }>;
    }
    const handler = forNext.withSession(
      auth,
      admin,
      async (_request, context: Context & ActiveSession) => {
        expectTypeOf(context.user.name).toEqualTypeOf<string>();
        const { id } = await context.params;
        return new Response(id);
      },
    );
    expectTypeOf(handler).parameter(0).toEqualTypeOf<Request>();
    expectTypeOf(handler).returns.toEqualTypeOf<Promise<Response>>();
  });
});

describe("who sent a request with a bearer token", () => {
  const orders = { scopes: ["Orders.Read"], roles: ["Orders.Export"] } as const;

  it("may be undefined in Express", () => {
    const app = express();
    app.get("/:id", forExpress.requireBearer(orders), (req) => {
      expectTypeOf(req.bearer).toEqualTypeOf<Bearer | undefined>();
      expectTypeOf(req.params.id).toEqualTypeOf<string>();
      expectTypeOf(forExpress.bearerOf(req)).toEqualTypeOf<Bearer>();
    });
  });

  it("may be undefined in Fastify", () => {
    const onRequest = forFastify.requireBearer(orders);
    fastify().get("/", { onRequest }, (request) => {
      expectTypeOf(request.bearer).toEqualTypeOf<Bearer | undefined>();
      return forFastify.bearerOf(request);
    });
  });

  it("may be undefined in Hono", () => {
    new Hono().get("/:id", forHono.requireBearer(orders), (c) => {
      expectTypeOf(c.get("bearer")).toEqualTypeOf<Bearer | undefined>();
      expectTypeOf(c.req.param("id")).toEqualTypeOf<string>();
      return c.json(forHono.bearerOf(c));
    });
  });

  it("is undefined with node:http after a refusal", () => {
    expectTypeOf(forNode.requireBearer).returns.toEqualTypeOf<
      Promise<Bearer | undefined>
    >();
  });

  it("is beside the parameters in a wrapped route handler of Next", () => {
    interface Context {
      readonly params: Promise<{ readonly id: string }>;
    }
    forNext.withBearer(
      auth,
      orders,
      async (
        _request,
        { params, bearer }: Context & { readonly bearer: Bearer },
      ) => {
        expectTypeOf(bearer).toEqualTypeOf<Bearer>();
        const { id } = await params;
        return new Response(id);
      },
    );
    forNext.withBearer(extended, orders, (_request, { bearer }) =>
      Response.json(bearer),
    );
  });

  it("has scopes if it is a user, and is told apart by its kind", () => {
    const bearer = forExpress.bearerOf({});
    if (bearer.kind === "user")
      expectTypeOf(bearer.scopes).toEqualTypeOf<readonly string[]>();
    // @ts-expect-error: an application has no scopes.
    else void bearer.scopes;
  });
});

describe("the app's own columns of a user", () => {
  it("are typed where `auth` is passed, and by a type argument elsewhere", async () => {
    type Columns = UserColumns<typeof extended>;
    forExpress.authMiddleware(extended);
    forNext.createRouteHandlers(extended);
    const ofPage = await forNext.requireSession(extended);
    const ofRequest = await forNode.getSession(
      extended,
      new IncomingMessage(new Socket()),
    );
    const ofExpress = forExpress.sessionOf<Columns>({});

    expectTypeOf(ofPage.user.department).toEqualTypeOf<string | null>();
    expectTypeOf(ofRequest?.user.department).toEqualTypeOf<
      string | null | undefined
    >();
    expectTypeOf(ofExpress.user.department).toEqualTypeOf<string | null>();
  });
});

describe("a misspelt option of a guard", () => {
  it("does not compile", () => {
    // @ts-expect-error: there is no such option.
    forExpress.requireSession({ rolse: ["Admin"] });
    // @ts-expect-error: there is no such option.
    void forNext.requireSession(auth, { rolse: ["Admin"] });
    // @ts-expect-error: there is no such option.
    forExpress.requireBearer({ scope: ["Orders.Read"] });
  });
});
