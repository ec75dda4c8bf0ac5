CREATE TABLE "auth_lease" (
	"name" text COLLATE "C" PRIMARY KEY NOT NULL,
	"holder" text COLLATE "C" NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
-- Entries of the audit trail leave when they are older than 30 days, the first ones first: none can be picked out.
DROP TRIGGER "auth_event_refuses_change" ON "auth_event";--> statement-breakpoint
CREATE TRIGGER "auth_event_refuses_change" BEFORE UPDATE OR TRUNCATE ON "auth_event" FOR EACH STATEMENT EXECUTE FUNCTION "auth_event_refuse_change"();--> statement-breakpoint
CREATE FUNCTION "auth_event_refuse_deletion"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
	leaves_earlier boolean;
BEGIN
	EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE id < (SELECT max(id) FROM deleted))', TG_RELID::regclass) INTO leaves_earlier;
	IF leaves_earlier OR EXISTS (SELECT FROM deleted WHERE occurred_at > now() - interval '720 hours') THEN
		RAISE EXCEPTION 'An entry of the audit trail is not deleted within 30 days, nor before those that came before it.' USING ERRCODE = 'integrity_constraint_violation';
	END IF;
	RETURN NULL;
END;
$$;--> statement-breakpoint
CREATE TRIGGER "auth_event_refuses_deletion" AFTER DELETE ON "auth_event" REFERENCING OLD TABLE AS "deleted" FOR EACH STATEMENT EXECUTE FUNCTION "auth_event_refuse_deletion"();
