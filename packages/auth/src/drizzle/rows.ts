import type {
  Admission,
  AdmissionEntry,
  EndedSession,
  StoredSession,
  SessionWithUser,
} from "../core/stores/session-store.js";
import type { AuditEntry, AuditRecord } from "../core/stores/audit-store.js";
import type { Flow } from "../core/stores/flow-store.js";
import type { TenantId, UserId } from "../core/identifiers.js";
import type { User, UserProfile } from "../core/stores/user.js";

/** The row of a record: values that are `undefined` in the record are null in the database. */
type Row<Stored> = {
  readonly [Name in keyof Stored]: undefined extends Stored[Name]
    ? Exclude<Stored[Name], undefined> | null
    : Stored[Name];
};

export type FlowRow = Row<Flow>;
export type AuthEventRow = Row<AuditRecord> & {
  readonly tenantId: TenantId | null;
};
export type UserRow = Row<User>;
export type SessionRow = Row<StoredSession>;

/** The row of a person, the same for every client. */
export type PersonRow = Pick<
  UserRow,
  "id" | "tenantId" | "objectId" | "name" | "preferredUsername"
>;

/** The row of a user's data at one client. */
export type UserClientRow = Omit<UserRow, keyof PersonRow> & {
  readonly userId: UserId;
  readonly clientId: string;
};

/** The columns of a person's profile. */
export type ProfileRow = Row<UserProfile>;

/** The joined row of a session and its user, and the app's own columns of the user. */
export interface SignedInRow {
  readonly session: SessionRow;
  readonly user: UserRow;
  readonly own?: object | null | undefined;
}

/** The columns that are returned of an ended session. */
export type EndedSessionRow = Pick<
  SessionRow,
  "id" | "userId" | "partitionKey"
>;

/** An entry of the audit trail with the joined names. */
export interface AuditEntryRow {
  readonly event: AuthEventRow;
  readonly userName: string | null;
  readonly actorName: string | null;
}

// Every field is named: a spread would take as long as the query and would copy unknown columns.

export function toFlowRow(flow: Flow): FlowRow {
  return {
    stateDigest: flow.stateDigest,
    browserTokenDigest: flow.browserTokenDigest,
    nonce: flow.nonce,
    sealedCodeVerifier: flow.sealedCodeVerifier,
    scopes: flow.scopes,
    returnUrl: flow.returnUrl,
    issuer: flow.issuer,
    maxAgeSeconds: flow.maxAgeSeconds ?? null,
    createdAt: flow.createdAt,
    expiresAt: flow.expiresAt,
  };
}

export function toFlow(row: FlowRow): Flow {
  return {
    stateDigest: row.stateDigest,
    browserTokenDigest: row.browserTokenDigest,
    nonce: row.nonce,
    sealedCodeVerifier: row.sealedCodeVerifier,
    scopes: row.scopes,
    returnUrl: row.returnUrl,
    issuer: row.issuer,
    maxAgeSeconds: row.maxAgeSeconds ?? undefined,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
  };
}

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    tenantId: row.tenantId,
    objectId: row.objectId,
    subject: row.subject,
    name: row.name,
    preferredUsername: row.preferredUsername ?? undefined,
    email: row.email ?? undefined,
    roles: row.roles,
    groups: row.groups,
    createdAt: row.createdAt,
    lastSignInAt: row.lastSignInAt,
    disabledAt: row.disabledAt ?? undefined,
  };
}

/** Returns the profile columns of an admission. */
export function toProfileRow({ profile }: Admission): ProfileRow {
  return {
    tenantId: profile.tenantId,
    objectId: profile.objectId,
    subject: profile.subject,
    name: profile.name,
    preferredUsername: profile.preferredUsername ?? null,
    email: profile.email ?? null,
    roles: profile.roles,
    groups: profile.groups,
  };
}

/** Returns the new session's row; the database adds the user. */
export function toSessionRow({
  session,
}: Admission): Omit<SessionRow, "userId"> {
  return {
    id: session.id,
    secretDigest: session.secretDigest,
    providerSessionId: session.providerSessionId ?? null,
    logoutHint: session.logoutHint ?? null,
    partitionKey: session.partitionKey ?? null,
    userAgent: session.userAgent ?? null,
    authenticatedAt: session.authenticatedAt ?? null,
    createdAt: session.createdAt,
    lastSeenAt: session.lastSeenAt,
    idleExpiresAt: session.idleExpiresAt,
    expiresAt: session.expiresAt,
  };
}

export function toSignedIn<Columns>(
  row: SignedInRow,
): SessionWithUser<Columns> {
  const stored = { session: toSession(row.session), user: toUser(row.user) };
  if (row.own === undefined || row.own === null) return stored;
  // Drizzle infers no types for columns that are known only at run time.
  return { ...stored, columns: row.own as Columns };
}

export function toEndedSession(row: EndedSessionRow): EndedSession {
  return {
    id: row.id,
    userId: row.userId,
    partitionKey: row.partitionKey ?? undefined,
  };
}

/** Returns the entry without its organisation, which the statement looks up. */
export function toAuthEventRow(
  record: AuditRecord,
): Omit<AuthEventRow, "tenantId"> {
  return {
    id: record.id,
    type: record.type,
    occurredAt: record.occurredAt,
    flowId: record.flowId ?? null,
    sessionId: record.sessionId ?? null,
    userId: record.userId ?? null,
    actorId: record.actorId ?? null,
    code: record.code ?? null,
    aadsts: record.aadsts ?? null,
    reason: record.reason ?? null,
  };
}

/** Returns the columns of an entry that an admission adds, without its user. */
export function toAdmissionEntryRow(
  entry: AdmissionEntry,
): Omit<AuthEventRow, "tenantId" | "userId"> {
  return {
    id: entry.id,
    type: entry.type,
    occurredAt: entry.occurredAt,
    flowId: entry.flowId ?? null,
    sessionId: entry.sessionId ?? null,
    actorId: null,
    code: null,
    aadsts: null,
    reason: entry.reason ?? null,
  };
}

export function toAuditEntry({
  event,
  userName,
  actorName,
}: AuditEntryRow): AuditEntry {
  return {
    id: event.id,
    type: event.type,
    occurredAt: event.occurredAt,
    flowId: event.flowId ?? undefined,
    sessionId: event.sessionId ?? undefined,
    userId: event.userId ?? undefined,
    actorId: event.actorId ?? undefined,
    code: event.code ?? undefined,
    aadsts: event.aadsts ?? undefined,
    reason: event.reason ?? undefined,
    userName: userName ?? undefined,
    actorName: actorName ?? undefined,
  };
}

export function toSession(row: SessionRow): StoredSession {
  return {
    id: row.id,
    userId: row.userId,
    secretDigest: row.secretDigest,
    providerSessionId: row.providerSessionId ?? undefined,
    logoutHint: row.logoutHint ?? undefined,
    partitionKey: row.partitionKey ?? undefined,
    userAgent: row.userAgent ?? undefined,
    authenticatedAt: row.authenticatedAt ?? undefined,
    createdAt: row.createdAt,
    lastSeenAt: row.lastSeenAt,
    idleExpiresAt: row.idleExpiresAt,
    expiresAt: row.expiresAt,
  };
}
