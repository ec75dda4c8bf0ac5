import { sql } from "drizzle-orm";
import {
  bigint,
  foreignKey,
  index,
  integer,
  pgSchema,
  pgTable,
  primaryKey,
  text as standardText,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { PgTableFn } from "drizzle-orm/pg-core";

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
import { instant, list, text } from "./columns.js";

/** The names and the schema of this package's tables. */
export interface PostgresNames {
  /** Defaults to `auth_`. */
  readonly prefix?: string | undefined;
  /** Defaults to the schema that is first in the connection's `search_path`. */
  readonly schema?: string | undefined;
}

/** The tables that `createSchema` returns. */
export type PostgresTables = ReturnType<typeof createSchema>;

/**
 * Returns all tables of this package with their indexes, and the schema if one is named, for an app's own Drizzle schema.
 * Export all of them there, so that drizzle-kit knows them.
 */
export function createSchema({
  prefix = defaultPrefix,
  schema,
}: PostgresNames = {}) {
  const authSchema = schema === undefined ? undefined : pgSchema(schema);
  const table: PgTableFn<string | undefined> = authSchema?.table ?? pgTable;
  const naming = { table, prefix: requirePrefix(prefix) };
  const authUser = createUser(naming);
  const authUserClient = createUserClient(naming, authUser);
  return {
    authEvent: createEvent(naming),
    authFlow: createFlow(naming),
    authLease: createLease(naming),
    authMigration: createMigration(naming),
    authRateLimit: createRateLimit(naming),
    authSchema,
    authSession: createSession(naming, authUserClient),
    authTokenCache: createTokenCache(naming),
    authUser,
    authUserClient,
  };
}

interface Naming {
  readonly table: PgTableFn<string | undefined>;
  readonly prefix: string;
}

/** Pending flows. Contains digests and a sealed verifier: a copy of this table cannot complete a sign-in. */
function createFlow({ table, prefix }: Naming) {
  return table(
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
      scopes: list("scopes").notNull(),
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
function createUser({ table, prefix }: Naming) {
  return table(
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
      // The order of an organisation's users in a list. If one column of an index is an expression, drizzle-kit reads all of
      // them as expressions.
      index(`${prefix}user_tenant_id_name_id`).on(
        sql`${user.tenantId}`,
        sql`lower(${user.name})`,
        sql`${user.id}`,
      ),
    ],
  );
}

/**
 * A user's data at one client. Rows without a client ID are of a version without client IDs. A trigger of the migrations
 * deletes the user with the last of these rows.
 */
function createUserClient(
  { table, prefix }: Naming,
  user: ReturnType<typeof createUser>,
) {
  return table(
    `${prefix}user_client`,
    {
      userId: text("user_id")
        .$type<UserId>()
        .notNull()
        .references(() => user.id, { onDelete: "cascade" }),
      clientId: text("client_id").notNull(),
      subject: text("subject").notNull(),
      email: text("email"),
      roles: list("roles").notNull(),
      groups: list("groups").notNull(),
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
  { table, prefix }: Naming,
  known: ReturnType<typeof createUserClient>,
) {
  return table(
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
function createTokenCache({ table, prefix }: Naming) {
  return table(
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
function createEvent({ table, prefix }: Naming) {
  return table(
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
function createRateLimit({ table, prefix }: Naming) {
  return table(
    `${prefix}rate_limit`,
    {
      key: text("key").primaryKey(),
      points: integer("points").notNull().default(0),
      /** In milliseconds since 1970; every count writes it. */
      expire: bigint("expire", { mode: "number" }),
    },
    (rateLimit) => [index(`${prefix}rate_limit_expire`).on(rateLimit.expire)],
  );
}

/** The leases of tasks that one server does at a time. */
function createLease({ table, prefix }: Naming) {
  return table(`${prefix}lease`, {
    name: text("name").primaryKey(),
    holder: text("holder").notNull(),
    expiresAt: instant("expires_at").notNull(),
  });
}

/** The journal of the migrations. It is created before the first migration, so no migration creates it. */
function createMigration({ table, prefix }: Naming) {
  return table(`${prefix}migration`, {
    tag: standardText("tag").primaryKey(),
    appliedAt: timestamp("applied_at", { withTimezone: true })
      .notNull()
      .defaultNow(),
  });
}
