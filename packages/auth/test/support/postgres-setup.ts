import { randomBytes } from "node:crypto";
import { Client, Pool } from "pg";
import type { TestProject } from "vitest/node";

import { migratePostgres } from "../../src/drizzle/postgres/migrate.js";
import { startPostgresServer } from "./postgres-server.js";

declare module "vitest" {
  interface ProvidedContext {
    /**
     * A PostgreSQL server for tests: the URL of a database for administration, and the name of a migrated database to
     * copy.
     */
    readonly postgres: { readonly url: string; readonly template: string };
  }
}

let release = async (): Promise<void> => undefined;

/** Provides one PostgreSQL server for all test files: that of `DATABASE_URL_TEST`, or a new one. */
export async function setup(project: TestProject): Promise<void> {
  const given = process.env["DATABASE_URL_TEST"];
  const server = given === undefined ? await startPostgresServer() : undefined;
  release = async () => server?.close();
  const url = given ?? server?.url() ?? "";
  const template = `entrada_test_${randomBytes(6).toString("hex")}`;
  await administer(url, `CREATE DATABASE ${template}`);
  if (server === undefined)
    release = () => administer(url, `DROP DATABASE ${template}`);
  const pool = new Pool({ connectionString: toUrl(url, template) });
  await migratePostgres(pool);
  await pool.end();
  project.provide("postgres", { url, template });
}

/** Stops the server, or removes the template from the given one. */
export async function teardown(): Promise<void> {
  await release();
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

function toUrl(url: string, database: string): string {
  return Object.assign(new URL(url), { pathname: database }).href;
}
