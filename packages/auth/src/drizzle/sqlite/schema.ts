import {
  foreignKey,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";

import type { AuthErrorCode } from "../../core/error.js";
import type { AuditedEventType, SessionEndReason } from "../../core/event.js";
import type {
  AuditRecordId,
  Digest,
  FlowId,
  Nonce,
  ObjectId,
  PartitionKey,
  ReturnUrl,
  Sealed,
  SessionId,
  TenantId,
  UserId,
} from "../../core/identifiers.js";
import { defaultPrefix, requirePrefix } from "../prefix.js";
import { instant, list } from "./columns.js";

/** The names of this package's tables. */
export interface SqliteNames {
  /** Defaults to `auth_`. */
  readonly prefix?: string | undefined;
}

/** The tables that `createSchema` returns. */
export type SqliteTables = ReturnType<typeof createSchema>;

/**
 * Returns all tables of this package with their indexes, for an app's own Drizzle schema. Export all of them there, so that
 * drizzle-kit knows them.
 */
export function createSchema({ prefix = defaultPrefix }: SqliteNames = {}) {
  const names = requirePrefix(prefix);
  const authUser = createUser(names);
  const authUserClient = createUserClient(names, authUser);
  return {
    authEvent: createEvent(names),
    authFlow: createFlow(names),
    authLease: createLease(names),
    authMigration: createMigration(names),
    authRateLimit: createRateLimit(names),
    authSession: createSession(names, authUserClient),
    authTokenCache: createTokenCache(names),
    authUser,
    authUserClient,
  };
}

/** Pending flows. Contains digests and a sealed verifier: a copy of this table cannot complete a sign-in. */
function createFlow(prefix: string) {
  return sqliteTable(
    `${prefix}flow`,
    {
      stateDigest: text("state_digest").$type<Digest>().primaryKey(),
      clientId: text("client_id").notNull(),
      browserTokenDigest: text("browser_token_digest")
        .$type<Digest>()
        .notNull(),
      nonce: text("nonce").$type<Nonce>().notNull(),
      sealedCodeVerifier: text("sealed_code_verifier")
        .$type<Sealed>()
        .notNull(),
      scopes: list("scopes"),
      returnUrl: text("return_url").$type<ReturnUrl>().notNull(),
      issuer: text("issuer").notNull(),
      maxAgeSeconds: integer("max_age_seconds"),
      createdAt: instant("created_at").notNull(),
      expiresAt: instant("expires_at").notNull(),
    },
    (flow) => [index(`${prefix}flow_expires_at`).on(flow.expiresAt)],
  );
}

/** The identities of users, one for each pair of tenant ID and object ID. Names are not keys and not unique. */
function createUser(prefix: string) {
  return sqliteTable(
    `${prefix}user`,
    {
      id: text("id").$type<UserId>().primaryKey(),
      tenantId: text("tenant_id").$type<TenantId>().notNull(),
      objectId: text("object_id").$type<ObjectId>().notNull(),
      name: text("name").notNull(),
      preferredUsername: text("preferred_username"),
    },
    (user) => [
      uniqueIndex(`${prefix}user_tenant_id_object_id`).on(
        user.tenantId,
        user.objectId,
      ),
      // The order of an organisation's users in a list. The migration adds COLLATE NOCASE to the name, which drizzle-kit can
      // neither write nor read.
      index(`${prefix}user_tenant_id_name_id`).on(
        user.tenantId,
        user.name,
        user.id,
      ),
    ],
  );
}

/**
 * A user's data at one client. Rows without a client ID are of a version without client IDs. A trigger of the migrations
 * deletes the user with the last of these rows.
 */
function createUserClient(prefix: string, user: ReturnType<typeof createUser>) {
  return sqliteTable(
    `${prefix}user_client`,
    {
      userId: text("user_id")
        .$type<UserId>()
        .notNull()
        .references(() => user.id, { onDelete: "cascade" }),
      clientId: text("client_id").notNull(),
      subject: text("subject").notNull(),
      email: text("email"),
      roles: list("roles"),
      groups: list("groups"),
      createdAt: instant("created_at").notNull(),
      lastSignInAt: instant("last_sign_in_at").notNull(),
      disabledAt: instant("disabled_at"),
    },
    (known) => [
      primaryKey({ columns: [known.userId, known.clientId] }),
      index(`${prefix}user_client_client_id_subject`).on(
        known.clientId,
        known.subject,
      ),
    ],
  );
}

/** Sessions. Contains the digest of the session token's secret: a copy of this table grants no access. */
function createSession(
  prefix: string,
  known: ReturnType<typeof createUserClient>,
) {
  return sqliteTable(
    `${prefix}session`,
    {
      id: text("id").$type<SessionId>().primaryKey(),
      userId: text("user_id").$type<UserId>().notNull(),
      clientId: text("client_id").notNull(),
      secretDigest: text("secret_digest").$type<Digest>().notNull(),
      providerSessionId: text("provider_session_id"),
      logoutHint: text("logout_hint"),
      partitionKey: text("partition_key").$type<PartitionKey>(),
      userAgent: text("user_agent"),
      authenticatedAt: instant("authenticated_at"),
      createdAt: instant("created_at").notNull(),
      lastSeenAt: instant("last_seen_at").notNull(),
      idleExpiresAt: instant("idle_expires_at").notNull(),
      expiresAt: instant("expires_at").notNull(),
    },
    (session) => [
      foreignKey({
        name: `${prefix}session_user_client_fk`,
        columns: [session.userId, session.clientId],
        foreignColumns: [known.userId, known.clientId],
      }).onDelete("cascade"),
      // Lists a user's sessions. The cascade from a deleted user uses it too, and would otherwise read every session.
      index(`${prefix}session_user_id_client_id`).on(
        session.userId,
        session.clientId,
      ),
      index(`${prefix}session_provider_session_id_client_id`).on(
        session.providerSessionId,
        session.clientId,
      ),
      index(`${prefix}session_partition_key_client_id`).on(
        session.partitionKey,
        session.clientId,
      ),
      // The idle timeout is never after the absolute timeout, so this index finds every expired session.
      index(`${prefix}session_client_id_idle_expires_at`).on(
        session.clientId,
        session.idleExpiresAt,
      ),
    ],
  );
}

/** Sealed token cache partitions, one for each client and account. */
function createTokenCache(prefix: string) {
  return sqliteTable(
    `${prefix}token_cache`,
    {
      partitionKey: text("partition_key").$type<PartitionKey>().notNull(),
      sealedCache: text("sealed_cache").$type<Sealed>().notNull(),
      version: integer("version").notNull(),
      expiresAt: instant("expires_at").notNull(),
      clientId: text("client_id").notNull(),
    },
    (tokenCache) => [
      // In the order of the table's columns, because drizzle-kit reads keys in that order.
      primaryKey({ columns: [tokenCache.partitionKey, tokenCache.clientId] }),
      index(`${prefix}token_cache_client_id_expires_at`).on(
        tokenCache.clientId,
        tokenCache.expiresAt,
      ),
    ],
  );
}

/**
 * The audit trail. Triggers of the migrations refuse updates, and deletions other than of the first entries after 30 days.
 * It has no foreign keys, so entries remain when their user is deleted.
 */
function createEvent(prefix: string) {
  return sqliteTable(
    `${prefix}event`,
    {
      id: text("id").$type<AuditRecordId>().primaryKey(),
      clientId: text("client_id").notNull(),
      type: text("type").$type<AuditedEventType>().notNull(),
      occurredAt: instant("occurred_at").notNull(),
      /** The organisation of the user at the time of the event. */
      tenantId: text("tenant_id").$type<TenantId>(),
      flowId: text("flow_id").$type<FlowId>(),
      sessionId: text("session_id").$type<SessionId>(),
      userId: text("user_id").$type<UserId>(),
      actorId: text("actor_id").$type<UserId>(),
      code: text("code").$type<AuthErrorCode>(),
      aadsts: text("aadsts"),
      reason: text("reason").$type<SessionEndReason>(),
    },
    (event) => [
      index(`${prefix}event_client_id_tenant_id_id`).on(
        event.clientId,
        event.tenantId,
        event.id,
      ),
      index(`${prefix}event_client_id_id`).on(event.clientId, event.id),
      index(`${prefix}event_client_id_user_id_id`).on(
        event.clientId,
        event.userId,
        event.id,
      ),
    ],
  );
}

/** The counts of the rate limits. */
function createRateLimit(prefix: string) {
  return sqliteTable(
    `${prefix}rate_limit`,
    {
      key: text("key").primaryKey(),
      points: integer("points").notNull().default(0),
      /** In milliseconds since 1970; every count writes it. */
      expire: integer("expire"),
    },
    (rateLimit) => [index(`${prefix}rate_limit_expire`).on(rateLimit.expire)],
  );
}

/** The leases of tasks that one server does at a time. */
function createLease(prefix: string) {
  return sqliteTable(`${prefix}lease`, {
    name: text("name").primaryKey(),
    holder: text("holder").notNull(),
    expiresAt: instant("expires_at").notNull(),
  });
}

/** The journal of the migrations. It is created before the first migration, so no migration creates it. */
function createMigration(prefix: string) {
  return sqliteTable(`${prefix}migration`, {
    tag: text("tag").primaryKey(),
    appliedAt: instant("applied_at").notNull(),
  });
}
