import type {
  Digest,
  PartitionKey,
  SessionId,
  TenantId,
  UserId,
} from "../identifiers.js";
import type { User, UserProfile } from "./user.js";

/** The period a browser acts for an account, as stored. The session token's secret is kept as a digest only. */
export interface StoredSession {
  readonly id: SessionId;
  readonly userId: UserId;
  readonly secretDigest: Digest;
  /** The identity provider's own session, the `sid` claim: finds our sessions when it signs the person out. */
  readonly providerSessionId: string | undefined;
  /** The `login_hint` claim: names the account at the identity provider when the person signs out or in again. */
  readonly logoutHint: string | undefined;
  readonly partitionKey: PartitionKey | undefined;
  readonly userAgent: string | undefined;
  /** When the person last proved who they are, the `auth_time` claim; `undefined` if the identity provider did not say. */
  readonly authenticatedAt: Date | undefined;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  /** When the session ends if it is not used until then. Never after `expiresAt`. */
  readonly idleExpiresAt: Date;
  /** When the session ends, however busy. */
  readonly expiresAt: Date;
}

/** A session together with its user. */
export interface SessionWithUser {
  readonly session: StoredSession;
  readonly user: User;
}

/** What is known of a session that has just been forgotten. */
export type EndedSession = Pick<
  StoredSession,
  "id" | "userId" | "partitionKey"
>;

/** A session token taken apart: the public name and the digest of the secret, which is all that is ever compared. */
export interface ParsedSessionToken {
  readonly sessionId: SessionId;
  readonly secretDigest: Digest;
}

/** A sign-in to admit: who signed in, and the session to start for them. */
export interface Admission {
  /** The user's ID if the person has none yet; made for this admission alone. */
  readonly candidateId: UserId;
  /** What is stored of the person, with the roles and groups that the app decided on. */
  readonly profile: UserProfile;
  readonly session: Omit<StoredSession, "userId">;
  /** The token of the session that the browser has had until now. */
  readonly replaces: ParsedSessionToken | undefined;
}

/** What became of a sign-in. */
export interface AdmittedSignIn {
  /** If `disabledAt` is set, nothing was changed and no session started. */
  readonly user: User;
  /** Whether this was the first sign-in of the person that this client admitted. */
  readonly isNewUser: boolean;
  /** The session that was replaced. */
  readonly replaced: EndedSession | undefined;
}

/** Which sessions a sign-out at the identity provider reaches. What is `undefined` does not restrict it. */
export interface ProviderSignOutScope {
  /** Only sessions of users of this organisation. */
  readonly tenantId: TenantId | undefined;
  /** Only sessions of the user with this `sub`. */
  readonly subject: string | undefined;
  /** Only sessions that were started until then: a sign-out ends nothing that came after it. */
  readonly startedUntil: Date | undefined;
}

/** Keeps sessions. A session of another client is not found, not replaced and not ended. */
export interface SessionStore {
  /**
   * Admits a sign-in, in one transaction: creates the user, or refreshes the profile of the one with this tenant ID and
   * object ID; starts the session; forgets the session that it replaces, if its secret is right and it has not expired.
   * The session's `createdAt` becomes the user's `lastSignInAt`, and the `createdAt` of a new user. A user whom only other
   * clients have admitted keeps their ID and is new; of what those clients know, only name and user name change.
   *
   * If the user is disabled, it changes nothing and returns the user as stored. If it fails, it has changed nothing. Of
   * concurrent first sign-ins of one person, one is that of a new user. A user who was stored before clients were told
   * apart, by no client, is new at each client, and keeps `createdAt` and `disabledAt`.
   */
  admit(admission: Admission): Promise<AdmittedSignIn>;

  /** Returns the session and its user in one round trip, expired or not; `undefined` if there is none. */
  find(id: SessionId): Promise<SessionWithUser | undefined>;

  /** Returns at most `limit` sessions of the user that have not expired, the most recently seen first. */
  list(
    userId: UserId,
    now: Date,
    limit: number,
  ): Promise<readonly StoredSession[]>;

  /** Moves the idle timeout of a session that still exists. */
  renew(id: SessionId, lastSeenAt: Date, idleExpiresAt: Date): Promise<void>;

  /** Forgets the session at once and returns whether it was there. */
  end(id: SessionId): Promise<boolean>;

  /** Forgets the session if it is one of this user's and returns it; otherwise `undefined`. */
  endOfUser(id: SessionId, userId: UserId): Promise<EndedSession | undefined>;

  /** Forgets every session of the user and returns them. */
  endAllOfUser(userId: UserId): Promise<readonly EndedSession[]>;

  /** Forgets every session within the scope that belongs to a session of the identity provider, and returns them. */
  endByProviderSession(
    providerSessionId: string,
    scope: ProviderSignOutScope,
  ): Promise<readonly EndedSession[]>;

  /** Forgets every session of the organisation's user with this `sub` that was started until then, and returns them. */
  endBySubject(
    tenantId: TenantId,
    subject: string,
    startedUntil: Date,
  ): Promise<readonly EndedSession[]>;

  /** Removes at most `limit` sessions whose idle or absolute timeout has passed, and returns them. */
  deleteExpired(now: Date, limit: number): Promise<readonly EndedSession[]>;
}
