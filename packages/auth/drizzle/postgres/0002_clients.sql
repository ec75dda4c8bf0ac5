CREATE TABLE "auth_user_client" (
	"user_id" text COLLATE "C" NOT NULL,
	"client_id" text COLLATE "C" NOT NULL,
	"subject" text COLLATE "C" NOT NULL,
	"email" text COLLATE "C",
	"roles" jsonb NOT NULL,
	"groups" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"last_sign_in_at" timestamp (3) with time zone NOT NULL,
	"disabled_at" timestamp (3) with time zone,
	CONSTRAINT "auth_user_client_user_id_client_id_pk" PRIMARY KEY("user_id","client_id")
);
--> statement-breakpoint
ALTER TABLE "auth_user_client" ADD CONSTRAINT "auth_user_client_user_id_auth_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth_user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "auth_user_client_client_id_subject" ON "auth_user_client" USING btree ("client_id","subject");--> statement-breakpoint
-- The client ID of the application that migrates is filled in. Without one it is empty: what belongs to a client is dropped.
INSERT INTO "auth_user_client"
SELECT "id", '{clientId}', "subject", "email", CASE '{clientId}' WHEN '' THEN '[]' ELSE "roles" END, CASE '{clientId}' WHEN '' THEN '[]' ELSE "groups" END, "created_at", "last_sign_in_at", "disabled_at"
FROM "auth_user";--> statement-breakpoint
DELETE FROM "auth_session" WHERE '{clientId}' = '';--> statement-breakpoint
DELETE FROM "auth_flow" WHERE '{clientId}' = '';--> statement-breakpoint
DELETE FROM "auth_token_cache" WHERE '{clientId}' = '';--> statement-breakpoint
ALTER TABLE "auth_session" ADD COLUMN "client_id" text COLLATE "C" NOT NULL DEFAULT '{clientId}';--> statement-breakpoint
ALTER TABLE "auth_session" ALTER COLUMN "client_id" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "auth_flow" ADD COLUMN "client_id" text COLLATE "C" NOT NULL DEFAULT '{clientId}';--> statement-breakpoint
ALTER TABLE "auth_flow" ALTER COLUMN "client_id" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "auth_token_cache" ADD COLUMN "client_id" text COLLATE "C" NOT NULL DEFAULT '{clientId}';--> statement-breakpoint
ALTER TABLE "auth_token_cache" ALTER COLUMN "client_id" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "auth_event" ADD COLUMN "client_id" text COLLATE "C" NOT NULL DEFAULT '{clientId}';--> statement-breakpoint
ALTER TABLE "auth_event" ALTER COLUMN "client_id" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "auth_session" DROP CONSTRAINT "auth_session_user_id_auth_user_id_fk";--> statement-breakpoint
ALTER TABLE "auth_session" ADD CONSTRAINT "auth_session_user_client_fk" FOREIGN KEY ("user_id","client_id") REFERENCES "auth_user_client"("user_id","client_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
DROP INDEX "auth_session_user_id";--> statement-breakpoint
DROP INDEX "auth_session_provider_session_id";--> statement-breakpoint
DROP INDEX "auth_session_partition_key";--> statement-breakpoint
DROP INDEX "auth_session_idle_expires_at";--> statement-breakpoint
CREATE INDEX "auth_session_user_id_client_id" ON "auth_session" USING btree ("user_id","client_id");--> statement-breakpoint
CREATE INDEX "auth_session_provider_session_id_client_id" ON "auth_session" USING btree ("provider_session_id","client_id");--> statement-breakpoint
CREATE INDEX "auth_session_partition_key_client_id" ON "auth_session" USING btree ("partition_key","client_id");--> statement-breakpoint
CREATE INDEX "auth_session_client_id_idle_expires_at" ON "auth_session" USING btree ("client_id","idle_expires_at");--> statement-breakpoint
ALTER TABLE "auth_token_cache" DROP CONSTRAINT "auth_token_cache_pkey";--> statement-breakpoint
ALTER TABLE "auth_token_cache" ADD CONSTRAINT "auth_token_cache_partition_key_client_id_pk" PRIMARY KEY("partition_key","client_id");--> statement-breakpoint
DROP INDEX "auth_token_cache_expires_at";--> statement-breakpoint
CREATE INDEX "auth_token_cache_client_id_expires_at" ON "auth_token_cache" USING btree ("client_id","expires_at");--> statement-breakpoint
DROP INDEX "auth_event_tenant_id_id";--> statement-breakpoint
CREATE INDEX "auth_event_client_id_tenant_id_id" ON "auth_event" USING btree ("client_id","tenant_id","id");--> statement-breakpoint
CREATE INDEX "auth_event_client_id_id" ON "auth_event" USING btree ("client_id","id");--> statement-breakpoint
-- Entries of a client are deleted when they are older than 30 days, the first ones first: none can be picked out.
CREATE OR REPLACE FUNCTION "auth_event_refuse_deletion"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
	leaves_earlier boolean;
BEGIN
	EXECUTE format('SELECT EXISTS (SELECT FROM (SELECT client_id, max(id) AS id FROM deleted GROUP BY client_id) last, LATERAL (SELECT FROM %s kept WHERE kept.client_id = last.client_id AND kept.id < last.id LIMIT 1) earlier)', TG_RELID::regclass) INTO leaves_earlier;
	IF leaves_earlier OR EXISTS (SELECT FROM deleted WHERE occurred_at > now() - interval '720 hours') THEN
		RAISE EXCEPTION 'An entry of the audit trail is not deleted within 30 days, nor before those that came before it.' USING ERRCODE = 'integrity_constraint_violation';
	END IF;
	RETURN NULL;
END;
$$;--> statement-breakpoint
DROP INDEX "auth_user_tenant_id_subject";--> statement-breakpoint
ALTER TABLE "auth_user" DROP COLUMN "subject";--> statement-breakpoint
ALTER TABLE "auth_user" DROP COLUMN "email";--> statement-breakpoint
ALTER TABLE "auth_user" DROP COLUMN "roles";--> statement-breakpoint
ALTER TABLE "auth_user" DROP COLUMN "groups";--> statement-breakpoint
ALTER TABLE "auth_user" DROP COLUMN "created_at";--> statement-breakpoint
ALTER TABLE "auth_user" DROP COLUMN "last_sign_in_at";--> statement-breakpoint
ALTER TABLE "auth_user" DROP COLUMN "disabled_at";--> statement-breakpoint
-- A user whom no client knows any more is deleted. The lock waits for sign-ins that are about to make a client know them.
CREATE FUNCTION "auth_user_client_delete_user"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
	users text := format('%I.%I', TG_TABLE_SCHEMA, left(TG_TABLE_NAME, -length('_client')));
BEGIN
	EXECUTE format('SELECT FROM %s WHERE id IN (SELECT user_id FROM deleted) ORDER BY id FOR UPDATE', users);
	EXECUTE format('DELETE FROM %s u WHERE id IN (SELECT user_id FROM deleted) AND NOT EXISTS (SELECT FROM %s WHERE user_id = u.id)', users, TG_RELID::regclass);
	RETURN NULL;
END;
$$;--> statement-breakpoint
CREATE TRIGGER "auth_user_client_deletes_user" AFTER DELETE ON "auth_user_client" REFERENCING OLD TABLE AS "deleted" FOR EACH STATEMENT EXECUTE FUNCTION "auth_user_client_delete_user"();
