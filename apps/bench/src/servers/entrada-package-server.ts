// An app that composes `@entrada/auth` by hand from its package, as the README shows: SQLite stores, MSAL, and its
// procedures on tRPC's Fetch host.
import { createAuth } from "@entrada/auth";
import {
  createSqliteStores,
  migrateSqlite,
} from "@entrada/auth/drizzle/sqlite";
import { createRequestAuthFactory } from "@entrada/auth/http";
import { createMsalClient } from "@entrada/auth/msal";
import { createAuthProcedures, formatAuthError } from "@entrada/auth/trpc";
import type { AuthContext } from "@entrada/auth/trpc";
import { getRequestListener } from "@hono/node-server";
import { initTRPC } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import Database from "better-sqlite3";
import { registration } from "../provider/registration.js";
import { databasePath, origin, provider, redirectUri } from "./environment.js";
import { serve } from "./http.js";

const { clientId, clientSecret } = registration;
const database = new Database(databasePath);
database.pragma("journal_mode = WAL");
migrateSqlite(database, { clientId });

const auth = createAuth({
  appUrl: origin,
  identityClient: createMsalClient({
    authority: provider,
    tenant: "organizations",
    clientId,
    clientSecret,
    redirectUri,
  }),
  stores: createSqliteStores(database),
  secrets: [Buffer.alloc(32, 7)],
  rateLimit: { perMinute: 1_000_000 },
});

const t = initTRPC
  .context<AuthContext>()
  .create({ errorFormatter: formatAuthError, isDev: false });
const { procedures, signedIn } = createAuthProcedures();
const router = t.router({
  auth: procedures,
  workspace: {
    greeting: t.procedure.concat(signedIn).query(({ ctx: { user } }) => ({
      message: `Good to see you, ${user.name}.`,
      tenantId: user.tenantId,
    })),
  },
});

const createRequestAuth = createRequestAuthFactory({ auth });
const listen = getRequestListener((req, { incoming }) =>
  fetchRequestHandler({
    endpoint: "/trpc",
    req,
    router,
    maxBatchSize: 20,
    createContext: ({ resHeaders }) => ({
      auth: createRequestAuth({
        readHeader: (name) => req.headers.get(name),
        responseHeaders: resHeaders,
        clientAddress: incoming.socket.remoteAddress ?? "",
      }),
    }),
  }),
);

serve((request, response) => {
  if (request.url === "/healthz") response.end("ok");
  else void listen(request, response);
});
