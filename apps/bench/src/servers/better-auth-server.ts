// better-auth with its Microsoft provider: users, accounts and sessions in SQLite.
import { betterAuth } from "better-auth";
import type { BetterAuthOptions } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import Database from "better-sqlite3";
import { registration } from "../provider/registration.js";
import { databasePath, origin, provider } from "./environment.js";
import { serve } from "./http.js";

const { clientId, clientSecret, tenantId } = registration;
const database = new Database(databasePath);
database.pragma("journal_mode = WAL");

const options = {
  baseURL: origin,
  secret: Buffer.alloc(32, 7).toString("base64"),
  database,
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { disabled: true },
  socialProviders: {
    microsoft: {
      clientId,
      clientSecret,
      tenantId,
      authority: provider,
      disableProfilePhoto: true,
      disableDefaultScope: true,
      scope: ["openid", "profile", "email"],
    },
  },
} satisfies BetterAuthOptions;

const { runMigrations } = await getMigrations(options);
await runMigrations();
const handle = toNodeHandler(betterAuth(options));

serve((request, response) => {
  if (request.url === "/healthz") response.end("ok");
  else void handle(request, response);
});
