import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { Context, MiddlewareHandler } from "hono";
import { setCookie } from "hono/cookie";
import {
  authMiddleware,
  bearerOf,
  requireBearer,
  requireSession,
  sessionOf,
} from "../../../src/hono.js";
import { bearerOptions } from "./bearer-options.js";
import type { HostParts, HostPart, HostUnderTest } from "./host-app.js";
import { fabrikamId } from "./tenants.js";

/** Hono on Node. */
export const honoHost: HostUnderTest = {
  name: "Hono",
  createListener: (parts) => getRequestListener(createApp(parts).fetch),
  parts: ["formParser", "rawBodyReader", "cookie", "startedResponse"],
  decodesPaths: true,
  canMount: true,
};

const parseForm: MiddlewareHandler = async (c, next) => {
  await c.req.parseBody();
  await next();
};

const before: Readonly<Record<HostPart, MiddlewareHandler>> = {
  formParser: parseForm,
  rawBodyReader: async (c, next) => {
    await c.req.raw.text();
    await next();
  },
  cookie: async (c, next) => {
    setCookie(c, "theme", "dark");
    await next();
  },
  startedResponse: async (c, next) => {
    // Creates the response, which Hono then merges with the one that is returned.
    c.res.headers.append("set-cookie", "theme=dark; Path=/");
    await next();
  },
};

function createApp(parts: HostParts): Hono {
  const { auth, basePath, cors, record, isMounted } = parts;
  const root = new Hono();
  if (parts.before !== undefined) root.use(before[parts.before]);
  const app = isMounted === true ? new Hono() : root;
  app.use(authMiddleware(auth, { basePath, cors }));
  if (parts.after !== undefined) app.use(parseForm);
  addRoutes(app, record);
  if (isMounted === true) root.route("/api", app);
  root.notFound((c) => {
    record(c.req.path);
    return c.json({ own: true }, 404);
  });
  return root;
}

function addRoutes(app: Hono, record: HostParts["record"]): void {
  const respond = (format: (c: Context) => object) => (c: Context) => {
    record(c.req.path);
    return c.json(format(c));
  };
  const session = respond((c) => sessionOf(c).session);
  app.get(
    "/",
    respond((c) => ({ name: c.get("auth")?.user.name ?? null })),
  );
  const reports = respond((c) => sessionOf(c).user);
  app.on(["GET", "POST"], "/reports", requireSession(), reports);
  app.get("/admin", requireSession({ role: "Admin" }), session);
  app.get(
    "/auditors",
    requireSession({ roles: ["Auditor", "Admin"] }),
    session,
  );
  app.get("/fabrikam", requireSession({ tenant: fabrikamId }), session);
  app.get("/forgotten", session);
  const bearer = respond((c) => bearerOf(c));
  for (const [path, options] of Object.entries(bearerOptions))
    app.get(path, requireBearer(options), bearer);
  app.post(
    "/orders",
    requireBearer(bearerOptions["/orders"]),
    respond((c) => c.get("bearer") ?? {}),
  );
  app.get("/forgotten-orders", bearer);
  app.post("/open", async (c) => {
    record(c.req.path);
    const { note } = await c.req.parseBody();
    return c.json({ name: c.get("auth")?.user.name ?? null, note });
  });
}
