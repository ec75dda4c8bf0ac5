CREATE TABLE `auth_lease` (
	`name` text PRIMARY KEY NOT NULL,
	`holder` text NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
-- Entries of the audit trail leave when they are older than 30 days, the first ones first: none can be picked out.
DROP TRIGGER `auth_event_refuses_delete`;--> statement-breakpoint
CREATE TRIGGER `auth_event_refuses_delete` BEFORE DELETE ON `auth_event`
WHEN old.`occurred_at` > (unixepoch() - 2592000) * 1000
	OR EXISTS (SELECT 1 FROM `auth_event` WHERE `id` < old.`id`)
BEGIN
	SELECT RAISE(ABORT, 'An entry of the audit trail is not deleted within 30 days, nor before those that came before it.');
END;
