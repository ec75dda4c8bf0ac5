import type { IncomingMessage } from "node:http";
import { initTRPC } from "@trpc/server";
import type { Store } from "../bare/store.js";
import { readCookie } from "../http.js";

interface Context {
  readonly request: IncomingMessage;
}

/** Creates a router whose guard reads the session with a prepared SELECT. */
export function createRouter(store: Store) {
  const t = initTRPC.context<Context>().create({ isDev: false });
  const guarded = t.procedure.use(({ ctx, next }) => {
    const user = store.findSession(readCookie(ctx.request, "session"));
    if (user === undefined) throw new Error("No user is signed in.");
    return next({ ctx: { user } });
  });
  return t.router({
    auth: t.router({ me: guarded.query(({ ctx: { user } }) => user) }),
    workspace: t.router({
      greeting: guarded.query(({ ctx: { user } }) => ({
        message: `Good to see you, ${user.name}.`,
        tenantId: user.tenantId,
      })),
    }),
  });
}
