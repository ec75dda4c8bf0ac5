// Generated from drizzle/postgres by "pnpm generate". Do not edit.
import type { Migration } from "../migration.js";

/** Every migration of the PostgreSQL tables, in order. */
export const postgresMigrations: readonly Migration[] = [
  {
    tag: "0000_initial",
    statements: [
      'CREATE TABLE "{prefix}event" (\n\t"id" text COLLATE "C" PRIMARY KEY NOT NULL,\n\t"type" text COLLATE "C" NOT NULL,\n\t"occurred_at" timestamp (3) with time zone NOT NULL,\n\t"tenant_id" text COLLATE "C",\n\t"flow_id" text COLLATE "C",\n\t"session_id" text COLLATE "C",\n\t"user_id" text COLLATE "C",\n\t"actor_id" text COLLATE "C",\n\t"code" text COLLATE "C",\n\t"aadsts" text COLLATE "C",\n\t"reason" text COLLATE "C"\n);',
      'CREATE TABLE "{prefix}flow" (\n\t"state_digest" text COLLATE "C" PRIMARY KEY NOT NULL,\n\t"browser_token_digest" text COLLATE "C" NOT NULL,\n\t"nonce" text COLLATE "C" NOT NULL,\n\t"sealed_code_verifier" text COLLATE "C" NOT NULL,\n\t"scopes" jsonb NOT NULL,\n\t"return_url" text COLLATE "C" NOT NULL,\n\t"issuer" text COLLATE "C" NOT NULL,\n\t"max_age_seconds" integer,\n\t"created_at" timestamp (3) with time zone NOT NULL,\n\t"expires_at" timestamp (3) with time zone NOT NULL\n);',
      'CREATE TABLE "{prefix}rate_limit" (\n\t"key" text COLLATE "C" PRIMARY KEY NOT NULL,\n\t"points" integer DEFAULT 0 NOT NULL,\n\t"expire" bigint\n);',
      'CREATE TABLE "{prefix}session" (\n\t"id" text COLLATE "C" PRIMARY KEY NOT NULL,\n\t"user_id" text COLLATE "C" NOT NULL,\n\t"secret_digest" text COLLATE "C" NOT NULL,\n\t"provider_session_id" text COLLATE "C",\n\t"logout_hint" text COLLATE "C",\n\t"partition_key" text COLLATE "C",\n\t"user_agent" text COLLATE "C",\n\t"authenticated_at" timestamp (3) with time zone,\n\t"created_at" timestamp (3) with time zone NOT NULL,\n\t"last_seen_at" timestamp (3) with time zone NOT NULL,\n\t"idle_expires_at" timestamp (3) with time zone NOT NULL,\n\t"expires_at" timestamp (3) with time zone NOT NULL\n);',
      'CREATE TABLE "{prefix}token_cache" (\n\t"partition_key" text COLLATE "C" PRIMARY KEY NOT NULL,\n\t"sealed_cache" text COLLATE "C" NOT NULL,\n\t"version" integer NOT NULL,\n\t"expires_at" timestamp (3) with time zone NOT NULL\n);',
      'CREATE TABLE "{prefix}user" (\n\t"id" text COLLATE "C" PRIMARY KEY NOT NULL,\n\t"tenant_id" text COLLATE "C" NOT NULL,\n\t"object_id" text COLLATE "C" NOT NULL,\n\t"subject" text COLLATE "C" NOT NULL,\n\t"name" text COLLATE "C" NOT NULL,\n\t"preferred_username" text COLLATE "C",\n\t"email" text COLLATE "C",\n\t"roles" jsonb NOT NULL,\n\t"groups" jsonb NOT NULL,\n\t"created_at" timestamp (3) with time zone NOT NULL,\n\t"last_sign_in_at" timestamp (3) with time zone NOT NULL,\n\t"disabled_at" timestamp (3) with time zone\n);',
      'ALTER TABLE "{prefix}session" ADD CONSTRAINT "{prefix}session_user_id_{prefix}user_id_fk" FOREIGN KEY ("user_id") REFERENCES "{prefix}user"("id") ON DELETE cascade ON UPDATE no action;',
      'CREATE INDEX "{prefix}event_tenant_id_id" ON "{prefix}event" USING btree ("tenant_id","id");',
      'CREATE INDEX "{prefix}flow_expires_at" ON "{prefix}flow" USING btree ("expires_at");',
      'CREATE INDEX "{prefix}rate_limit_expire" ON "{prefix}rate_limit" USING btree ("expire");',
      'CREATE INDEX "{prefix}session_user_id" ON "{prefix}session" USING btree ("user_id");',
      'CREATE INDEX "{prefix}session_provider_session_id" ON "{prefix}session" USING btree ("provider_session_id");',
      'CREATE INDEX "{prefix}session_partition_key" ON "{prefix}session" USING btree ("partition_key");',
      'CREATE INDEX "{prefix}session_idle_expires_at" ON "{prefix}session" USING btree ("idle_expires_at");',
      'CREATE INDEX "{prefix}token_cache_expires_at" ON "{prefix}token_cache" USING btree ("expires_at");',
      'CREATE UNIQUE INDEX "{prefix}user_tenant_id_object_id" ON "{prefix}user" USING btree ("tenant_id","object_id");',
      'CREATE INDEX "{prefix}user_tenant_id_subject" ON "{prefix}user" USING btree ("tenant_id","subject");',
      'CREATE INDEX "{prefix}user_tenant_id_name_id" ON "{prefix}user" USING btree ("tenant_id",lower("name"),"id");',
      "-- The audit trail is append-only, and the database itself sees to that. Entries leave by a migration only.\nCREATE FUNCTION \"{prefix}event_refuse_change\"() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n\tRAISE EXCEPTION 'An entry of the audit trail is never changed, deleted or replaced.' USING ERRCODE = 'integrity_constraint_violation';\nEND;\n$$;",
      'CREATE TRIGGER "{prefix}event_refuses_change" BEFORE UPDATE OR DELETE OR TRUNCATE ON "{prefix}event" FOR EACH STATEMENT EXECUTE FUNCTION "{prefix}event_refuse_change"();',
    ],
  },
  {
    tag: "0001_housekeeping",
    statements: [
      'CREATE TABLE "{prefix}lease" (\n\t"name" text COLLATE "C" PRIMARY KEY NOT NULL,\n\t"holder" text COLLATE "C" NOT NULL,\n\t"expires_at" timestamp (3) with time zone NOT NULL\n);',
      '-- Entries of the audit trail leave when they are older than 30 days, the first ones first: none can be picked out.\nDROP TRIGGER "{prefix}event_refuses_change" ON "{prefix}event";',
      'CREATE TRIGGER "{prefix}event_refuses_change" BEFORE UPDATE OR TRUNCATE ON "{prefix}event" FOR EACH STATEMENT EXECUTE FUNCTION "{prefix}event_refuse_change"();',
      "CREATE FUNCTION \"{prefix}event_refuse_deletion\"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$\nDECLARE\n\tleaves_earlier boolean;\nBEGIN\n\tEXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE id < (SELECT max(id) FROM deleted))', TG_RELID::regclass) INTO leaves_earlier;\n\tIF leaves_earlier OR EXISTS (SELECT FROM deleted WHERE occurred_at > now() - interval '720 hours') THEN\n\t\tRAISE EXCEPTION 'An entry of the audit trail is not deleted within 30 days, nor before those that came before it.' USING ERRCODE = 'integrity_constraint_violation';\n\tEND IF;\n\tRETURN NULL;\nEND;\n$$;",
      'CREATE TRIGGER "{prefix}event_refuses_deletion" AFTER DELETE ON "{prefix}event" REFERENCING OLD TABLE AS "deleted" FOR EACH STATEMENT EXECUTE FUNCTION "{prefix}event_refuse_deletion"();',
    ],
  },
];
