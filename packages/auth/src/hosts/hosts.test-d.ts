import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { describe, expectTypeOf, it } from "vitest";
import type { Auth, UserColumns } from "../core/auth.js";
import type { ActiveSession } from "../core/session/active-session.js";
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
  });
});
