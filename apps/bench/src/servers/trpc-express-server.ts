// tRPC's Express host, with the SELECT and the sign-in of `bare`.
import { createExpressMiddleware } from "@trpc/server/adapters/express";
import express from "express";
import { createBareListener } from "./bare/listener.js";
import { openStore } from "./bare/store.js";
import { serve } from "./http.js";
import { createRouter } from "./trpc/router.js";

const store = openStore();
const app = express();
app.use(
  "/trpc",
  createExpressMiddleware({
    router: createRouter(store),
    createContext: ({ req }) => ({ request: req }),
  }),
);
app.use(createBareListener(store));
serve(app);
