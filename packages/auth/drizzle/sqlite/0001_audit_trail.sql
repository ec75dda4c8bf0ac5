CREATE TABLE `auth_event` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`occurred_at` integer NOT NULL,
	`tenant_id` text,
	`flow_id` text,
	`session_id` text,
	`user_id` text,
	`actor_id` text,
	`code` text,
	`aadsts` text,
	`reason` text
);
--> statement-breakpoint
CREATE INDEX `auth_event_tenant_id_id` ON `auth_event` (`tenant_id`,`id`);--> statement-breakpoint
CREATE TABLE `auth_rate_limit` (
	`key` text PRIMARY KEY NOT NULL,
	`points` integer DEFAULT 0 NOT NULL,
	`expire` integer
);
--> statement-breakpoint
CREATE INDEX `auth_rate_limit_expire` ON `auth_rate_limit` (`expire`);--> statement-breakpoint
ALTER TABLE `auth_flow` ADD `max_age_seconds` integer;--> statement-breakpoint
ALTER TABLE `auth_session` ADD `authenticated_at` integer;--> statement-breakpoint
CREATE INDEX `auth_user_tenant_id_subject` ON `auth_user` (`tenant_id`,`subject`);--> statement-breakpoint
CREATE INDEX `auth_user_tenant_id_name_id` ON `auth_user` (`tenant_id`,`name` COLLATE NOCASE,`id`);--> statement-breakpoint
-- The audit trail is append-only, and the database itself sees to that. Entries leave by a migration only.
CREATE TRIGGER `auth_event_refuses_update` BEFORE UPDATE ON `auth_event` BEGIN
	SELECT RAISE(ABORT, 'An entry of the audit trail never changes.');
END;--> statement-breakpoint
CREATE TRIGGER `auth_event_refuses_delete` BEFORE DELETE ON `auth_event` BEGIN
	SELECT RAISE(ABORT, 'An entry of the audit trail is never deleted.');
END;--> statement-breakpoint
-- INSERT OR REPLACE deletes what it replaces without asking the trigger above (https://sqlite.org/lang_conflict.html).
CREATE TRIGGER `auth_event_refuses_replacement` BEFORE INSERT ON `auth_event`
WHEN EXISTS (SELECT 1 FROM `auth_event` WHERE `id` = new.`id`)
	OR EXISTS (SELECT 1 FROM `auth_event` WHERE rowid = new.rowid)
BEGIN
	SELECT RAISE(ABORT, 'An entry of the audit trail is never replaced.');
END;