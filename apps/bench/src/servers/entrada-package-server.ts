// An app that composes `@entrada/auth` by hand from its package, as the README shows: SQLite stores, MSAL, its procedures and
// its host of tRPC.
import { createAuth } from "@entrada/auth";
import {
  createSqliteStores,
  migrateSqlite,
} from "@entrada/auth/drizzle/sqlite";
import { createMsalClient } from "@entrada/auth/msal";
import {
  createAuthProcedures,
  createTrpcNodeHandler,
  formatAuthError,
} from "@entrada/auth/trpc";
import type { AuthContext } from "@entrada/auth/trpc";
import { initTRPC } from "@trpc/server";
import Database from "better-sqlite3";
import { registration } from "../provider/registration.js";
import { databasePath, origin, provider, redirectUri } from "./environment.js";
import { sendJson, serve } from "./http.js";

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

serve(
  createTrpcNodeHandler({ auth, router }, (request, response) =>
    request.url === "/healthz"
      ? response.end("ok")
      : sendJson(response, 404, { error: "not_found" }),
  ),
);
