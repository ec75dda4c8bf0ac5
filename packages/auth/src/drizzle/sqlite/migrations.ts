// Generated from drizzle/sqlite by "pnpm generate". Do not edit.
import type { Migration } from "../migration.js";

/** Every migration of the SQLite tables, in order. */
export const sqliteMigrations: readonly Migration[] = [
  {
    tag: "0000_initial",
    statements: [
      "CREATE TABLE `{prefix}flow` (\n\t`state_digest` text PRIMARY KEY NOT NULL,\n\t`browser_token_digest` text NOT NULL,\n\t`nonce` text NOT NULL,\n\t`sealed_code_verifier` text NOT NULL,\n\t`scopes` text NOT NULL,\n\t`return_url` text NOT NULL,\n\t`issuer` text NOT NULL,\n\t`created_at` integer NOT NULL,\n\t`expires_at` integer NOT NULL\n);",
      "CREATE INDEX `{prefix}flow_expires_at` ON `{prefix}flow` (`expires_at`);",
      "CREATE TABLE `{prefix}session` (\n\t`id` text PRIMARY KEY NOT NULL,\n\t`user_id` text NOT NULL,\n\t`secret_digest` text NOT NULL,\n\t`provider_session_id` text,\n\t`logout_hint` text,\n\t`partition_key` text,\n\t`user_agent` text,\n\t`created_at` integer NOT NULL,\n\t`last_seen_at` integer NOT NULL,\n\t`idle_expires_at` integer NOT NULL,\n\t`expires_at` integer NOT NULL,\n\tFOREIGN KEY (`user_id`) REFERENCES `{prefix}user`(`id`) ON UPDATE no action ON DELETE cascade\n);",
      "CREATE INDEX `{prefix}session_user_id` ON `{prefix}session` (`user_id`);",
      "CREATE INDEX `{prefix}session_provider_session_id` ON `{prefix}session` (`provider_session_id`);",
      "CREATE INDEX `{prefix}session_partition_key` ON `{prefix}session` (`partition_key`);",
      "CREATE INDEX `{prefix}session_idle_expires_at` ON `{prefix}session` (`idle_expires_at`);",
      "CREATE TABLE `{prefix}token_cache` (\n\t`partition_key` text PRIMARY KEY NOT NULL,\n\t`sealed_cache` text NOT NULL,\n\t`version` integer NOT NULL,\n\t`expires_at` integer NOT NULL\n);",
      "CREATE INDEX `{prefix}token_cache_expires_at` ON `{prefix}token_cache` (`expires_at`);",
      "CREATE TABLE `{prefix}user` (\n\t`id` text PRIMARY KEY NOT NULL,\n\t`tenant_id` text NOT NULL,\n\t`object_id` text NOT NULL,\n\t`subject` text NOT NULL,\n\t`name` text NOT NULL,\n\t`preferred_username` text,\n\t`email` text,\n\t`roles` text NOT NULL,\n\t`groups` text NOT NULL,\n\t`created_at` integer NOT NULL,\n\t`last_sign_in_at` integer NOT NULL,\n\t`disabled_at` integer\n);",
      "CREATE UNIQUE INDEX `{prefix}user_tenant_id_object_id` ON `{prefix}user` (`tenant_id`,`object_id`);",
    ],
  },
  {
    tag: "0001_audit_trail",
    statements: [
      "CREATE TABLE `{prefix}event` (\n\t`id` text PRIMARY KEY NOT NULL,\n\t`type` text NOT NULL,\n\t`occurred_at` integer NOT NULL,\n\t`tenant_id` text,\n\t`flow_id` text,\n\t`session_id` text,\n\t`user_id` text,\n\t`actor_id` text,\n\t`code` text,\n\t`aadsts` text,\n\t`reason` text\n);",
      "CREATE INDEX `{prefix}event_tenant_id_id` ON `{prefix}event` (`tenant_id`,`id`);",
      "CREATE TABLE `{prefix}rate_limit` (\n\t`key` text PRIMARY KEY NOT NULL,\n\t`points` integer DEFAULT 0 NOT NULL,\n\t`expire` integer\n);",
      "CREATE INDEX `{prefix}rate_limit_expire` ON `{prefix}rate_limit` (`expire`);",
      "ALTER TABLE `{prefix}flow` ADD `max_age_seconds` integer;",
      "ALTER TABLE `{prefix}session` ADD `authenticated_at` integer;",
      "CREATE INDEX `{prefix}user_tenant_id_subject` ON `{prefix}user` (`tenant_id`,`subject`);",
      "CREATE INDEX `{prefix}user_tenant_id_name_id` ON `{prefix}user` (`tenant_id`,`name` COLLATE NOCASE,`id`);",
      "-- The audit trail is append-only, and the database itself sees to that. Entries leave by a migration only.\nCREATE TRIGGER `{prefix}event_refuses_update` BEFORE UPDATE ON `{prefix}event` BEGIN\n\tSELECT RAISE(ABORT, 'An entry of the audit trail never changes.');\nEND;",
      "CREATE TRIGGER `{prefix}event_refuses_delete` BEFORE DELETE ON `{prefix}event` BEGIN\n\tSELECT RAISE(ABORT, 'An entry of the audit trail is never deleted.');\nEND;",
      "-- INSERT OR REPLACE deletes what it replaces without asking the trigger above (https://sqlite.org/lang_conflict.html).\nCREATE TRIGGER `{prefix}event_refuses_replacement` BEFORE INSERT ON `{prefix}event`\nWHEN EXISTS (SELECT 1 FROM `{prefix}event` WHERE `id` = new.`id`)\n\tOR EXISTS (SELECT 1 FROM `{prefix}event` WHERE rowid = new.rowid)\nBEGIN\n\tSELECT RAISE(ABORT, 'An entry of the audit trail is never replaced.');\nEND;",
    ],
  },
  {
    tag: "0002_housekeeping",
    statements: [
      "CREATE TABLE `{prefix}lease` (\n\t`name` text PRIMARY KEY NOT NULL,\n\t`holder` text NOT NULL,\n\t`expires_at` integer NOT NULL\n);",
      "-- Entries of the audit trail leave when they are older than 30 days, the first ones first: none can be picked out.\nDROP TRIGGER `{prefix}event_refuses_delete`;",
      "CREATE TRIGGER `{prefix}event_refuses_delete` BEFORE DELETE ON `{prefix}event`\nWHEN old.`occurred_at` > (unixepoch() - 2592000) * 1000\n\tOR EXISTS (SELECT 1 FROM `{prefix}event` WHERE `id` < old.`id`)\nBEGIN\n\tSELECT RAISE(ABORT, 'An entry of the audit trail is not deleted within 30 days, nor before those that came before it.');\nEND;",
    ],
  },
];
