CREATE TABLE `auth_flow` (
	`state_digest` text PRIMARY KEY NOT NULL,
	`browser_token_digest` text NOT NULL,
	`nonce` text NOT NULL,
	`sealed_code_verifier` text NOT NULL,
	`scopes` text NOT NULL,
	`return_url` text NOT NULL,
	`issuer` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `auth_flow_expires_at` ON `auth_flow` (`expires_at`);--> statement-breakpoint
CREATE TABLE `auth_session` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`secret_digest` text NOT NULL,
	`provider_session_id` text,
	`logout_hint` text,
	`partition_key` text,
	`user_agent` text,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`idle_expires_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `auth_user`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `auth_session_user_id` ON `auth_session` (`user_id`);--> statement-breakpoint
CREATE INDEX `auth_session_provider_session_id` ON `auth_session` (`provider_session_id`);--> statement-breakpoint
CREATE INDEX `auth_session_partition_key` ON `auth_session` (`partition_key`);--> statement-breakpoint
CREATE INDEX `auth_session_idle_expires_at` ON `auth_session` (`idle_expires_at`);--> statement-breakpoint
CREATE TABLE `auth_token_cache` (
	`partition_key` text PRIMARY KEY NOT NULL,
	`sealed_cache` text NOT NULL,
	`version` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `auth_token_cache_expires_at` ON `auth_token_cache` (`expires_at`);--> statement-breakpoint
CREATE TABLE `auth_user` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`object_id` text NOT NULL,
	`subject` text NOT NULL,
	`name` text NOT NULL,
	`preferred_username` text,
	`email` text,
	`roles` text NOT NULL,
	`groups` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_sign_in_at` integer NOT NULL,
	`disabled_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `auth_user_tenant_id_object_id` ON `auth_user` (`tenant_id`,`object_id`);