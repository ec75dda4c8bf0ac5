import { sql } from "drizzle-orm";
import type { Column, SQL, SQLWrapper, Table } from "drizzle-orm";

import { isOfClient } from "./client.js";
import { bound, excluded } from "./placeholder.js";
import type {
  AuthEventRow,
  FlowRow,
  PersonRow,
  SessionRow,
  UserClientRow,
} from "./rows.js";

type Columns<Row> = Readonly<Record<keyof Row, Column>>;
type Values<Row> = Readonly<Record<keyof Row, SQL>>;

type OfClient<Row> = Row & Pick<UserClientRow, "clientId">;

/** The table of the users' data at each client. */
type UserClientTable = Table & Columns<UserClientRow>;

/** Returns the values of a new flow. */
export function createFlowValues(
  flow: Columns<OfClient<FlowRow>>,
): Values<OfClient<FlowRow>> {
  return {
    stateDigest: bound(flow.stateDigest, "stateDigest"),
    clientId: bound(flow.clientId, "clientId"),
    browserTokenDigest: bound(flow.browserTokenDigest, "browserTokenDigest"),
    nonce: bound(flow.nonce, "nonce"),
    sealedCodeVerifier: bound(flow.sealedCodeVerifier, "sealedCodeVerifier"),
    scopes: bound(flow.scopes, "scopes"),
    returnUrl: bound(flow.returnUrl, "returnUrl"),
    issuer: bound(flow.issuer, "issuer"),
    maxAgeSeconds: bound(flow.maxAgeSeconds, "maxAgeSeconds"),
    createdAt: bound(flow.createdAt, "createdAt"),
    expiresAt: bound(flow.expiresAt, "expiresAt"),
  };
}

/** Returns the values of a new entry of the audit trail, of this organisation. */
export function createEventValues(
  event: Columns<OfClient<AuthEventRow>>,
  tenantId: SQLWrapper,
): Values<OfClient<AuthEventRow>> {
  return {
    id: bound(event.id, "id"),
    clientId: bound(event.clientId, "clientId"),
    type: bound(event.type, "type"),
    occurredAt: bound(event.occurredAt, "occurredAt"),
    tenantId: sql`${tenantId}`,
    flowId: bound(event.flowId, "flowId"),
    sessionId: bound(event.sessionId, "sessionId"),
    userId: bound(event.userId, "userId"),
    actorId: bound(event.actorId, "actorId"),
    code: bound(event.code, "code"),
    aadsts: bound(event.aadsts, "aadsts"),
    reason: bound(event.reason, "reason"),
  };
}

/** Returns the values that an admission inserts for a new person. */
export function createUserValues(user: Columns<PersonRow>): Values<PersonRow> {
  return {
    id: bound(user.id, "candidateId"),
    tenantId: bound(user.tenantId, "tenantId"),
    objectId: bound(user.objectId, "objectId"),
    name: bound(user.name, "name"),
    preferredUsername: bound(user.preferredUsername, "preferredUsername"),
  };
}

/** Returns the values that an admission sets for a known person, unless the client has disabled them. */
export function createUserRefresh(
  user: Columns<PersonRow>,
  known: UserClientTable,
): Values<Pick<PersonRow, "name" | "preferredUsername">> {
  const disabled = sql`(select ${known.disabledAt} from ${known} where ${known.userId} = ${user.id} and ${isOfClient(known)})`;
  const refresh = (column: Column) => refreshUnless(disabled, column);
  return {
    name: refresh(user.name),
    preferredUsername: refresh(user.preferredUsername),
  };
}

/**
 * Returns the values that an admission inserts for a user who is new to the client. If a version without client IDs stored
 * the user, `createdAt` and `disabledAt` are copied from that row.
 */
export function createUserClientValues(
  known: UserClientTable,
  userId: SQL,
): Values<UserClientRow> {
  const unclaimed = (column: Column) =>
    sql`(select ${column} from ${known} where ${known.userId} = ${userId} and ${known.clientId} = '')`;
  const createdAt = bound(known.createdAt, "createdAt");
  return {
    userId,
    clientId: bound(known.clientId, "clientId"),
    subject: bound(known.subject, "subject"),
    email: bound(known.email, "email"),
    roles: bound(known.roles, "roles"),
    groups: bound(known.groups, "groups"),
    createdAt: sql`coalesce(${unclaimed(known.createdAt)}, ${createdAt})`,
    lastSignInAt: createdAt,
    disabledAt: unclaimed(known.disabledAt),
  };
}

/** Returns the values that an admission sets for a user whom the client knows. */
export function createUserClientRefresh(
  known: UserClientTable,
): Values<
  Pick<UserClientRow, "subject" | "email" | "roles" | "groups" | "lastSignInAt">
> {
  const refresh = (column: Column) => refreshUnless(known.disabledAt, column);
  return {
    subject: refresh(known.subject),
    email: refresh(known.email),
    roles: refresh(known.roles),
    groups: refresh(known.groups),
    lastSignInAt: refresh(known.lastSignInAt),
  };
}

/** Returns the values that an admission inserts for its session, of the user with this ID. */
export function createSessionValues(
  session: Columns<SessionRow>,
  userId: SQL,
): readonly SQL[] {
  return Object.entries(session).map(([name, column]) =>
    name === "userId" ? userId : bound(column, name),
  );
}

// Not a condition of the update: if it were false, no row would be returned, not even `disabledAt`.
function refreshUnless(disabled: SQLWrapper, column: Column): SQL {
  return sql`case when ${disabled} is null then ${excluded(column)} else ${column} end`;
}
