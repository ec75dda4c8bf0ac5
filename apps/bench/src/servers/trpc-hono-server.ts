// tRPC's Fetch host on Hono, with the SELECT and the sign-in of `bare`.
import { getRequestListener } from "@hono/node-server";
import type { HttpBindings } from "@hono/node-server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { Hono } from "hono";
import { createBareListener } from "./bare/listener.js";
import { openStore } from "./bare/store.js";
import { serve } from "./http.js";
import { createRouter } from "./trpc/router.js";

const store = openStore();
const router = createRouter(store);
const app = new Hono<{ readonly Bindings: HttpBindings }>();
app.all("/trpc/*", (context) =>
  fetchRequestHandler({
    endpoint: "/trpc",
    req: context.req.raw,
    router,
    createContext: () => ({ request: context.env.incoming }),
  }),
);
const hono = getRequestListener(app.fetch);
const bare = createBareListener(store);
serve((request, response) =>
  request.url?.startsWith("/trpc/") === true
    ? void hono(request, response)
    : bare(request, response),
);
