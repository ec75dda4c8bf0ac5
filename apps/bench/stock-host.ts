// The fastest stock tRPC host, with which `me.ts` compares: Hono on node-server with the fetch adapter and a prepared
// SELECT for `auth.me`, without CSRF check, secret and timeout.
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { initTRPC } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import Database from "better-sqlite3";
import { Hono } from "hono";

const database = new Database(process.argv[2], { readonly: true });
const statement = database.prepare(
  "SELECT * FROM auth_session AS session JOIN auth_user AS user ON user.id = session.user_id JOIN auth_user_client USING (user_id, client_id) WHERE session.id = ?",
);
const t = initTRPC.context<{ readonly cookie: string }>().create();
const me = t.procedure.query(({ ctx }): unknown =>
  statement.get(/(?:^|; )session-\d+=([^.]+)/.exec(ctx.cookie)?.[1]),
);
const router = t.router({ auth: t.router({ me }) });
const app = new Hono();
app.all("/trpc/*", (context) =>
  fetchRequestHandler({
    endpoint: "/trpc",
    req: context.req.raw,
    router,
    createContext: () => ({ cookie: context.req.header("cookie") ?? "" }),
  }),
);
const server = createServer(getRequestListener(app.fetch));
server.listen(0, "localhost", () => process.send?.(server.address()));
