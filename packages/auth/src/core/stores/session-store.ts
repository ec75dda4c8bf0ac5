import type {
  Digest,
  PartitionKey,
  SessionId,
  TenantId,
  UserId,
} from "../identifiers.js";
import type { AuditRecord } from "./audit-store.js";
import type { NoColumns } from "./user-extension.js";
import type { User, UserProfile } from "./user.js";

/** The period a browser acts for an account, as stored. The session token's secret is kept as a digest only. */
export interface StoredSession {
  readonly id: SessionId;
  readonly userId: UserId;
  readonly secretDigest: Digest;
  /** The identity provider's session ID (the `sid` claim), which a sign-out at the identity provider names. */
  readonly providerSessionId: string | undefined;
  /** The `login_hint` claim: identifies the account at the identity provider at sign-out and at the next sign-in. */
  readonly logoutHint: string | undefined;
  readonly partitionKey: PartitionKey | undefined;
  readonly userAgent: string | undefined;
  /** When the person last authenticated (the `auth_time` claim); `undefined` if the identity provider did not send it. */
  readonly authenticatedAt: Date | undefined;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  /** When the session ends if it is not used before. Never after `expiresAt`. */
  readonly idleExpiresAt: Date;
  /** When the session ends even if it is in use. */
  readonly expiresAt: Date;
}

/** A session together with its user. */
export interface SessionWithUser<Columns = NoColumns> {
  readonly session: StoredSession;
  readonly user: User;
  /** The app's own columns of the user, if the stores read any. */
  readonly columns?: Columns | undefined;
}

/** The IDs of a deleted session. */
export type EndedSession = Pick<
  StoredSession,
  "id" | "userId" | "partitionKey"
>;

/** A parsed session token: the session ID and the digest of the secret. Only digests are compared. */
export interface ParsedSessionToken {
  readonly sessionId: SessionId;
  readonly secretDigest: Digest;
}

/** A sign-in to admit: who signed in, and the session to start for them. */
export interface Admission {
  /** A new ID, which becomes the user's if the person has no ID yet. */
  readonly candidateId: UserId;
  /** The profile to store, with the roles and groups that the app chose. */
  readonly profile: UserProfile;
  readonly session: Omit<StoredSession, "userId">;
  /** The token of the browser's previous session. */
  readonly replaces: ParsedSessionToken | undefined;
  /** The entries to add to the audit trail; `undefined` if the app keeps none. */
  readonly entries: AdmissionEntries | undefined;
}

/** The entries that an admission adds to the audit trail. */
export interface AdmissionEntries {
  readonly completed: AdmissionEntry;
  /** Added if a session is replaced, for the user of that session. */
  readonly replaced: AdmissionEntry | undefined;
}

/** An entry of the audit trail whose user the store knows. */
export type AdmissionEntry = Pick<
  AuditRecord,
  "id" | "type" | "occurredAt" | "flowId" | "sessionId" | "reason"
>;

/** The result of an admission. */
export interface AdmittedSignIn {
  /** If `disabledAt` is set, nothing was changed and no session was started. */
  readonly user: User;
  /** Whether this was the first sign-in of the person that this client admitted. */
  readonly isNewUser: boolean;
  /** The session that was replaced. */
  readonly replaced: EndedSession | undefined;
}

/** Which sessions a sign-out at the identity provider ends. A member that is `undefined` is no restriction. */
export interface ProviderSignOutScope {
  /** Only sessions of users of this organisation. */
  readonly tenantId: TenantId | undefined;
  /** Only sessions of the user with this `sub`. */
  readonly subject: string | undefined;
  /** Only sessions that were started until then: a sign-out does not end later sessions. */
  readonly startedUntil: Date | undefined;
}

/** Stores sessions. Sessions of other clients are not found, not replaced and not ended. */
export interface SessionStore<Columns = NoColumns> {
  /**
   * Admits a sign-in in one transaction: creates the user with this tenant ID and object ID or updates their profile;
   * starts the session; deletes the session that it replaces, if the secret matches and the session has not expired; adds
   * the entries to the audit trail, each under the organisation of its user. The
   * session's `createdAt` becomes the user's `lastSignInAt`, and the `createdAt` of a new user. A user whom only other
   * clients have admitted keeps their ID and is new here; of their data at those clients, only name and user name change.
   *
   * If the user is disabled, it changes nothing and returns the user as stored. If it fails, it has changed nothing. Of
   * concurrent first sign-ins of one person, exactly one returns `isNewUser`. A user who was stored by a version without
   * client IDs is new at each client and keeps `createdAt` and `disabledAt`.
   */
  admit(admission: Admission): Promise<AdmittedSignIn>;

  /** Returns the session and its user in one round trip, even if it has expired; `undefined` if there is none. */
  find(id: SessionId): Promise<SessionWithUser<Columns> | undefined>;

  /** Returns at most `limit` sessions of the user that have not expired, the most recently seen first. */
  list(
    userId: UserId,
    now: Date,
    limit: number,
  ): Promise<readonly StoredSession[]>;

  /** Updates `lastSeenAt` and `idleExpiresAt` if the session still exists. */
  renew(id: SessionId, lastSeenAt: Date, idleExpiresAt: Date): Promise<void>;

  /** Deletes the session at once and returns whether it existed. */
  end(id: SessionId): Promise<boolean>;

  /** Deletes and returns the session if it belongs to this user; otherwise returns `undefined`. */
  endOfUser(id: SessionId, userId: UserId): Promise<EndedSession | undefined>;

  /** Deletes and returns all sessions of the user. */
  endAllOfUser(userId: UserId): Promise<readonly EndedSession[]>;

  /** Deletes and returns all sessions within the scope that belong to this session of the identity provider. */
  endByProviderSession(
    providerSessionId: string,
    scope: ProviderSignOutScope,
  ): Promise<readonly EndedSession[]>;

  /** Deletes and returns all sessions of the organisation's user with this `sub` that were started until then. */
  endBySubject(
    tenantId: TenantId,
    subject: string,
    startedUntil: Date,
  ): Promise<readonly EndedSession[]>;

  /** Deletes and returns at most `limit` sessions whose idle or absolute timeout has passed. */
  deleteExpired(now: Date, limit: number): Promise<readonly EndedSession[]>;
}
