CREATE TABLE "auth_event" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"type" text COLLATE "C" NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"tenant_id" text COLLATE "C",
	"flow_id" text COLLATE "C",
	"session_id" text COLLATE "C",
	"user_id" text COLLATE "C",
	"actor_id" text COLLATE "C",
	"code" text COLLATE "C",
	"aadsts" text COLLATE "C",
	"reason" text COLLATE "C"
);
--> statement-breakpoint
CREATE TABLE "auth_flow" (
	"state_digest" text COLLATE "C" PRIMARY KEY NOT NULL,
	"browser_token_digest" text COLLATE "C" NOT NULL,
	"nonce" text COLLATE "C" NOT NULL,
	"sealed_code_verifier" text COLLATE "C" NOT NULL,
	"scopes" jsonb NOT NULL,
	"return_url" text COLLATE "C" NOT NULL,
	"issuer" text COLLATE "C" NOT NULL,
	"max_age_seconds" integer,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "auth_rate_limit" (
	"key" text COLLATE "C" PRIMARY KEY NOT NULL,
	"points" integer DEFAULT 0 NOT NULL,
	"expire" bigint
);
--> statement-breakpoint
CREATE TABLE "auth_session" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"user_id" text COLLATE "C" NOT NULL,
	"secret_digest" text COLLATE "C" NOT NULL,
	"provider_session_id" text COLLATE "C",
	"logout_hint" text COLLATE "C",
	"partition_key" text COLLATE "C",
	"user_agent" text COLLATE "C",
	"authenticated_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"last_seen_at" timestamp (3) with time zone NOT NULL,
	"idle_expires_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "auth_token_cache" (
	"partition_key" text COLLATE "C" PRIMARY KEY NOT NULL,
	"sealed_cache" text COLLATE "C" NOT NULL,
	"version" integer NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "auth_user" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"tenant_id" text COLLATE "C" NOT NULL,
	"object_id" text COLLATE "C" NOT NULL,
	"subject" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"preferred_username" text COLLATE "C",
	"email" text COLLATE "C",
	"roles" jsonb NOT NULL,
	"groups" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"last_sign_in_at" timestamp (3) with time zone NOT NULL,
	"disabled_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "auth_session" ADD CONSTRAINT "auth_session_user_id_auth_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth_user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "auth_event_tenant_id_id" ON "auth_event" USING btree ("tenant_id","id");--> statement-breakpoint
CREATE INDEX "auth_flow_expires_at" ON "auth_flow" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "auth_rate_limit_expire" ON "auth_rate_limit" USING btree ("expire");--> statement-breakpoint
CREATE INDEX "auth_session_user_id" ON "auth_session" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "auth_session_provider_session_id" ON "auth_session" USING btree ("provider_session_id");--> statement-breakpoint
CREATE INDEX "auth_session_partition_key" ON "auth_session" USING btree ("partition_key");--> statement-breakpoint
CREATE INDEX "auth_session_idle_expires_at" ON "auth_session" USING btree ("idle_expires_at");--> statement-breakpoint
CREATE INDEX "auth_token_cache_expires_at" ON "auth_token_cache" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "auth_user_tenant_id_object_id" ON "auth_user" USING btree ("tenant_id","object_id");--> statement-breakpoint
CREATE INDEX "auth_user_tenant_id_subject" ON "auth_user" USING btree ("tenant_id","subject");--> statement-breakpoint
CREATE INDEX "auth_user_tenant_id_name_id" ON "auth_user" USING btree ("tenant_id",lower("name"),"id");--> statement-breakpoint
-- The audit trail is append-only, and the database itself sees to that. Entries leave by a migration only.
CREATE FUNCTION "auth_event_refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'An entry of the audit trail is never changed, deleted or replaced.' USING ERRCODE = 'integrity_constraint_violation';
END;
$$;--> statement-breakpoint
CREATE TRIGGER "auth_event_refuses_change" BEFORE UPDATE OR DELETE OR TRUNCATE ON "auth_event" FOR EACH STATEMENT EXECUTE FUNCTION "auth_event_refuse_change"();
