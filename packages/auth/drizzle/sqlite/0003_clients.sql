CREATE TABLE `auth_user_client` (
	`user_id` text NOT NULL,
	`client_id` text NOT NULL,
	`subject` text NOT NULL,
	`email` text,
	`roles` text NOT NULL,
	`groups` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_sign_in_at` integer NOT NULL,
	`disabled_at` integer,
	PRIMARY KEY(`user_id`, `client_id`),
	FOREIGN KEY (`user_id`) REFERENCES `auth_user`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `auth_user_client_client_id_subject` ON `auth_user_client` (`client_id`,`subject`);--> statement-breakpoint
-- The client ID of the application that migrates is filled in. Without one it is empty: what belongs to a client is dropped.
INSERT INTO `auth_user_client`
SELECT `id`, '{clientId}', `subject`, `email`, CASE '{clientId}' WHEN '' THEN '[]' ELSE `roles` END, CASE '{clientId}' WHEN '' THEN '[]' ELSE `groups` END, `created_at`, `last_sign_in_at`, `disabled_at`
FROM `auth_user`;--> statement-breakpoint
CREATE TABLE `__new_auth_session` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`client_id` text NOT NULL,
	`secret_digest` text NOT NULL,
	`provider_session_id` text,
	`logout_hint` text,
	`partition_key` text,
	`user_agent` text,
	`authenticated_at` integer,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`idle_expires_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`user_id`,`client_id`) REFERENCES `auth_user_client`(`user_id`,`client_id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `__new_auth_session`
SELECT `id`, `user_id`, '{clientId}', `secret_digest`, `provider_session_id`, `logout_hint`, `partition_key`, `user_agent`, `authenticated_at`, `created_at`, `last_seen_at`, `idle_expires_at`, `expires_at`
FROM `auth_session` WHERE '{clientId}' <> '';--> statement-breakpoint
DROP TABLE `auth_session`;--> statement-breakpoint
ALTER TABLE `__new_auth_session` RENAME TO `auth_session`;--> statement-breakpoint
CREATE INDEX `auth_session_user_id_client_id` ON `auth_session` (`user_id`,`client_id`);--> statement-breakpoint
CREATE INDEX `auth_session_provider_session_id_client_id` ON `auth_session` (`provider_session_id`,`client_id`);--> statement-breakpoint
CREATE INDEX `auth_session_partition_key_client_id` ON `auth_session` (`partition_key`,`client_id`);--> statement-breakpoint
CREATE INDEX `auth_session_client_id_idle_expires_at` ON `auth_session` (`client_id`,`idle_expires_at`);--> statement-breakpoint
CREATE TABLE `__new_auth_flow` (
	`state_digest` text PRIMARY KEY NOT NULL,
	`client_id` text NOT NULL,
	`browser_token_digest` text NOT NULL,
	`nonce` text NOT NULL,
	`sealed_code_verifier` text NOT NULL,
	`scopes` text NOT NULL,
	`return_url` text NOT NULL,
	`issuer` text NOT NULL,
	`max_age_seconds` integer,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
INSERT INTO `__new_auth_flow`
SELECT `state_digest`, '{clientId}', `browser_token_digest`, `nonce`, `sealed_code_verifier`, `scopes`, `return_url`, `issuer`, `max_age_seconds`, `created_at`, `expires_at`
FROM `auth_flow` WHERE '{clientId}' <> '';--> statement-breakpoint
DROP TABLE `auth_flow`;--> statement-breakpoint
ALTER TABLE `__new_auth_flow` RENAME TO `auth_flow`;--> statement-breakpoint
CREATE INDEX `auth_flow_expires_at` ON `auth_flow` (`expires_at`);--> statement-breakpoint
CREATE TABLE `__new_auth_token_cache` (
	`partition_key` text NOT NULL,
	`sealed_cache` text NOT NULL,
	`version` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`client_id` text NOT NULL,
	PRIMARY KEY(`partition_key`, `client_id`)
);
--> statement-breakpoint
INSERT INTO `__new_auth_token_cache`
SELECT `partition_key`, `sealed_cache`, `version`, `expires_at`, '{clientId}'
FROM `auth_token_cache` WHERE '{clientId}' <> '';--> statement-breakpoint
DROP TABLE `auth_token_cache`;--> statement-breakpoint
ALTER TABLE `__new_auth_token_cache` RENAME TO `auth_token_cache`;--> statement-breakpoint
CREATE INDEX `auth_token_cache_client_id_expires_at` ON `auth_token_cache` (`client_id`,`expires_at`);--> statement-breakpoint
CREATE TABLE `__new_auth_event` (
	`id` text PRIMARY KEY NOT NULL,
	`client_id` text NOT NULL,
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
INSERT INTO `__new_auth_event`
SELECT `id`, '{clientId}', `type`, `occurred_at`, `tenant_id`, `flow_id`, `session_id`, `user_id`, `actor_id`, `code`, `aadsts`, `reason`
FROM `auth_event`;--> statement-breakpoint
-- Its triggers go with it.
DROP TABLE `auth_event`;--> statement-breakpoint
ALTER TABLE `__new_auth_event` RENAME TO `auth_event`;--> statement-breakpoint
CREATE INDEX `auth_event_client_id_tenant_id_id` ON `auth_event` (`client_id`,`tenant_id`,`id`);--> statement-breakpoint
CREATE INDEX `auth_event_client_id_id` ON `auth_event` (`client_id`,`id`);--> statement-breakpoint
CREATE TRIGGER `auth_event_refuses_update` BEFORE UPDATE ON `auth_event` BEGIN
	SELECT RAISE(ABORT, 'An entry of the audit trail never changes.');
END;--> statement-breakpoint
-- Entries of a client are deleted when they are older than 30 days, the first ones first: none can be picked out.
CREATE TRIGGER `auth_event_refuses_delete` BEFORE DELETE ON `auth_event`
WHEN old.`occurred_at` > (unixepoch() - 2592000) * 1000
	OR EXISTS (SELECT 1 FROM `auth_event` WHERE `client_id` = old.`client_id` AND `id` < old.`id`)
BEGIN
	SELECT RAISE(ABORT, 'An entry of the audit trail is not deleted within 30 days, nor before those that came before it.');
END;--> statement-breakpoint
-- INSERT OR REPLACE deletes what it replaces without asking the trigger above (https://sqlite.org/lang_conflict.html).
CREATE TRIGGER `auth_event_refuses_replacement` BEFORE INSERT ON `auth_event`
WHEN EXISTS (SELECT 1 FROM `auth_event` WHERE `id` = new.`id`)
	OR EXISTS (SELECT 1 FROM `auth_event` WHERE rowid = new.rowid)
BEGIN
	SELECT RAISE(ABORT, 'An entry of the audit trail is never replaced.');
END;--> statement-breakpoint
DROP INDEX `auth_user_tenant_id_subject`;--> statement-breakpoint
ALTER TABLE `auth_user` DROP COLUMN `subject`;--> statement-breakpoint
ALTER TABLE `auth_user` DROP COLUMN `email`;--> statement-breakpoint
ALTER TABLE `auth_user` DROP COLUMN `roles`;--> statement-breakpoint
ALTER TABLE `auth_user` DROP COLUMN `groups`;--> statement-breakpoint
ALTER TABLE `auth_user` DROP COLUMN `created_at`;--> statement-breakpoint
ALTER TABLE `auth_user` DROP COLUMN `last_sign_in_at`;--> statement-breakpoint
ALTER TABLE `auth_user` DROP COLUMN `disabled_at`;--> statement-breakpoint
-- A user whom no client knows any more is deleted.
CREATE TRIGGER `auth_user_client_deletes_user` AFTER DELETE ON `auth_user_client`
WHEN NOT EXISTS (SELECT 1 FROM `auth_user_client` WHERE `user_id` = old.`user_id`)
BEGIN
	DELETE FROM `auth_user` WHERE `id` = old.`user_id`;
END;
