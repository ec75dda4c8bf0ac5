import type formbody9 from "@fastify/formbody";
import type fastify5 from "fastify";
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  authPlugin,
  bearerOf,
  requireBearer,
  requireSession,
  sessionOf,
} from "../../../src/fastify.js";
import { bearerOptions } from "./bearer-options.js";
import type { HostParts, HostUnderTest } from "./host-app.js";
import { fabrikamId } from "./tenants.js";

/** Describes Fastify in one of its versions. */
export function describeFastify(
  name: string,
  fastify: typeof fastify5,
  formbody: typeof formbody9,
): HostUnderTest {
  return {
    name,
    createListener: async (parts) => {
      const app = fastify();
      await addParts(app, parts, formbody);
      await app.ready();
      return (incoming, outgoing) => app.routing(incoming, outgoing);
    },
    parts: ["formParser", "rawBodyReader", "cookie", "startedResponse"],
    decodesPaths: true,
    canMount: true,
  };
}

async function addParts(
  app: FastifyInstance,
  parts: HostParts,
  formbody: typeof formbody9,
): Promise<void> {
  const { auth, basePath, cors, before, after, record, isMounted } = parts;
  if (before === "formParser") await app.register(formbody);
  if (before === "cookie" || before === "startedResponse")
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("set-cookie", "theme=dark");
    });
  if (before === "rawBodyReader")
    app.addHook("onRequest", async ({ raw }) => {
      for await (const _ of raw);
    });
  app.setNotFoundHandler((request, reply) => {
    record(request.originalUrl);
    reply.code(404).send({ own: true });
  });
  await app.register(authPlugin, { auth, basePath, cors });
  if (after === "formParser") await app.register(formbody);
  // In a child context, which sees the decorator of its parent.
  await app.register(async (child) => addRoutes(child, record), {
    prefix: isMounted === true ? "/api" : "",
  });
}

function addRoutes(app: FastifyInstance, record: HostParts["record"]): void {
  const respond =
    (format: (request: FastifyRequest) => unknown) =>
    async (request: FastifyRequest) => {
      record(request.originalUrl);
      return format(request);
    };
  const session = respond((request) => sessionOf(request).session);
  app.get(
    "/",
    respond((request) => ({ name: request.auth?.user.name ?? null })),
  );
  const reports = respond((request) => sessionOf(request).user);
  app.get("/reports", { onRequest: requireSession() }, reports);
  app.post("/reports", { preHandler: requireSession() }, reports);
  app.get("/admin", guard({ role: "Admin" }), session);
  app.get("/auditors", guard({ roles: ["Auditor", "Admin"] }), session);
  app.get("/fabrikam", guard({ tenant: fabrikamId }), session);
  app.get("/forgotten", session);
  const bearer = respond((request) => bearerOf(request));
  for (const [path, options] of Object.entries(bearerOptions))
    app.get(path, { onRequest: requireBearer(options) }, bearer);
  app.post(
    "/orders",
    { preHandler: requireBearer(bearerOptions["/orders"]) },
    respond((request) => request.bearer),
  );
  app.get("/forgotten-orders", bearer);
  app.post<{ readonly Body: { readonly note?: string } | undefined }>(
    "/open",
    (request, reply) => {
      record(request.originalUrl);
      const name = request.auth?.user.name ?? null;
      reply.send({ name, note: request.body?.note });
    },
  );
}

function guard(requirement: Parameters<typeof requireSession>[0]): {
  readonly onRequest: ReturnType<typeof requireSession>;
} {
  return { onRequest: requireSession(requirement) };
}
