import type { AuthErrorCode } from "./error.js";
import type { AuditedEventType, SessionEndReason } from "./event.js";
import type {
  AccessToken,
  AuditRecordId,
  CodeVerifier,
  Digest,
  FlowId,
  Nonce,
  ObjectId,
  PartitionKey,
  ReturnUrl,
  Sealed,
  SessionId,
  State,
  TenantId,
  UserId,
} from "./identifiers.js";
import type { IdentityProvider } from "./identity-provider.js";
import type { ParsedSessionToken } from "./session-token.js";
import type { User, UserProfile } from "./user.js";

/** The stored record of one initiated, not yet completed authorization code flow. Holds no secret in the clear. */
export interface Flow {
  readonly stateDigest: Digest;
  readonly browserTokenDigest: Digest;
  readonly nonce: Nonce;
  readonly sealedCodeVerifier: Sealed;
  readonly scopes: readonly string[];
  readonly returnUrl: ReturnUrl;
  /** The issuer, or Entra's template of one, that the identity provider named when the flow was initiated. */
  readonly issuer: string;
  /** How long ago the person may have authenticated at most, where the flow asks for that (`max_age`). */
  readonly maxAgeSeconds: number | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Keeps pending flows. Every server of an application shares it, so any of them may complete what another initiated. */
export interface FlowStore {
  /** Keeps the flow until it is taken or its `expiresAt` has passed. */
  add(flow: Flow): Promise<void>;

  /**
   * Removes and answers the flow in one atomic step: of any number of concurrent callers one gets it. Answers
   * `undefined`, and removes nothing, if the browser token is not the flow's or the flow has expired.
   */
  take(
    stateDigest: Digest,
    browserTokenDigest: Digest,
    now: Date,
  ): Promise<Flow | undefined>;

  /** Answers whether an unexpired flow waits for this state, whichever browser initiated it. */
  isPending(stateDigest: Digest, now: Date): Promise<boolean>;

  /** Removes at most `limit` flows that have expired and answers how many it removed. */
  deleteExpired(now: Date, limit: number): Promise<number>;
}

/** Keeps users, one for each pair of tenant ID and object ID. `SessionStore.admit` creates and refreshes them. */
export interface UserStore {
  /** Returns the user, or `undefined` if there is none. */
  find(id: UserId): Promise<User | undefined>;

  /** Returns the user with this tenant ID and object ID, or `undefined` if no sign-in of theirs was admitted. */
  findByObjectId(
    tenantId: TenantId,
    objectId: ObjectId,
  ): Promise<User | undefined>;

  /**
   * Disables the user and forgets every session of theirs, in one transaction: enabled again, they sign in again. Answers
   * the sessions that ended, or `undefined` if there is no such user in this organisation. The moment of a user who is
   * disabled already stays.
   */
  disable(
    id: UserId,
    tenantId: TenantId,
    disabledAt: Date,
  ): Promise<readonly EndedSession[] | undefined>;

  /** Lets the user sign in again; answers whether there is such a user in this organisation. */
  enable(id: UserId, tenantId: TenantId): Promise<boolean>;

  /** Answers users of one organisation in the order of their names, letter case aside. */
  list(query: UserQuery): Promise<readonly User[]>;
}

/** Which users of an organisation to list. */
export interface UserQuery {
  readonly tenantId: TenantId;
  /** Only those whose name or user name contains this text, case of ASCII letters aside. */
  readonly search: string | undefined;
  /** Only those that come after this user: the last one of the page before. */
  readonly after: UserId | undefined;
  readonly limit: number;
}

/** The period a browser acts for an account, as stored. The session token's secret is kept as a digest only. */
export interface Session {
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
export interface SignedIn {
  readonly session: Session;
  readonly user: User;
}

/** What is known of a session that has just been forgotten. */
export type EndedSession = Pick<Session, "id" | "userId" | "partitionKey">;

/** Which sessions a sign-out at the identity provider reaches. What is `undefined` does not restrict it. */
export interface ProviderSignOutScope {
  /** Only sessions of users of this organisation. */
  readonly tenantId: TenantId | undefined;
  /** Only sessions of the user with this `sub`. */
  readonly subject: string | undefined;
  /** Only sessions that were started until then: a sign-out ends nothing that came after it. */
  readonly startedUntil: Date | undefined;
}

/** A sign-in to admit: who signed in, and the session to start for them. */
export interface Admission {
  /** The user's ID if the person has none yet; made for this admission alone. */
  readonly candidateId: UserId;
  /** What is stored of the person, with the roles and groups that the app decided on. */
  readonly profile: UserProfile;
  readonly session: Omit<Session, "userId">;
  /** The token of the session that the browser has had until now. */
  readonly replaces: ParsedSessionToken | undefined;
}

/** What became of a sign-in. */
export interface AdmittedSignIn {
  /** If `disabledAt` is set, nothing was changed and no session started. */
  readonly user: User;
  /** Whether this was the first sign-in of the person that was admitted. */
  readonly isNewUser: boolean;
  /** The session that was replaced. */
  readonly replaced: EndedSession | undefined;
}

/** Keeps sessions. */
export interface SessionStore {
  /**
   * Admits a sign-in, in one transaction: creates the user, or refreshes the profile of the one with this tenant ID and
   * object ID; starts the session; forgets the session that it replaces, if its secret is right and it has not expired.
   * The session's `createdAt` becomes the user's `lastSignInAt`, and the `createdAt` of a new user.
   *
   * If the user is disabled, it changes nothing and returns the user as stored. If it fails, it has changed nothing. Of
   * concurrent first sign-ins of one person, one is that of a new user.
   */
  admit(admission: Admission): Promise<AdmittedSignIn>;

  /** Answers the session and its user in one round trip, expired or not; `undefined` if there is none. */
  find(id: SessionId): Promise<SignedIn | undefined>;

  /** Answers at most `limit` sessions of the user that have not expired, the most recently seen first. */
  list(userId: UserId, now: Date, limit: number): Promise<readonly Session[]>;

  /** Moves the idle timeout of a session that still exists. */
  renew(id: SessionId, lastSeenAt: Date, idleExpiresAt: Date): Promise<void>;

  /** Forgets the session at once and answers whether it was there. */
  end(id: SessionId): Promise<boolean>;

  /** Forgets the session if it is one of this user's and answers it; otherwise `undefined`. */
  endOfUser(id: SessionId, userId: UserId): Promise<EndedSession | undefined>;

  /** Forgets every session of the user and answers them. */
  endAllOfUser(userId: UserId): Promise<readonly EndedSession[]>;

  /** Forgets every session within the scope that belongs to a session of the identity provider, and answers them. */
  endByProviderSession(
    providerSessionId: string,
    scope: ProviderSignOutScope,
  ): Promise<readonly EndedSession[]>;

  /** Forgets every session of the organisation's user with this `sub` that was started until then, and answers them. */
  endBySubject(
    tenantId: TenantId,
    subject: string,
    startedUntil: Date,
  ): Promise<readonly EndedSession[]>;

  /** Removes at most `limit` sessions whose idle or absolute timeout has passed, and answers them. */
  deleteExpired(now: Date, limit: number): Promise<readonly EndedSession[]>;
}

/** One account's slice of MSAL's token cache, sealed. */
export interface TokenCachePartition {
  readonly partitionKey: PartitionKey;
  readonly sealedCache: Sealed;
  /** Counts the writes; a writer states the version it has read. */
  readonly version: number;
  readonly expiresAt: Date;
}

/** Keeps token cache partitions. */
export interface TokenCacheStore {
  find(
    partitionKey: PartitionKey,
    now: Date,
  ): Promise<TokenCachePartition | undefined>;

  /** Keeps the partition whatever stood there before; its version becomes the next one. */
  put(partition: Omit<TokenCachePartition, "version">): Promise<void>;

  /** Keeps the partition if its stored version still is `partition.version`; answers whether it did. */
  replace(partition: TokenCachePartition): Promise<boolean>;

  /** Forgets the partition unless a session still refers to it. */
  deleteUnused(partitionKey: PartitionKey): Promise<void>;

  /** Removes at most `limit` partitions that have expired and answers how many it removed. */
  deleteExpired(now: Date, limit: number): Promise<number>;
}

/** One entry of the audit trail. Holds names and codes, nothing that lets anybody act as somebody. */
export interface AuditRecord {
  /** Names the entry; entries sort by it in the order in which they were made. */
  readonly id: AuditRecordId;
  readonly type: AuditedEventType;
  readonly occurredAt: Date;
  readonly flowId: FlowId | undefined;
  readonly sessionId: SessionId | undefined;
  /** Whom it happened to. */
  readonly userId: UserId | undefined;
  /** The administrator who did it, where it was one. */
  readonly actorId: UserId | undefined;
  readonly code: AuthErrorCode | undefined;
  /** Entra's own code, such as `AADSTS65004`. */
  readonly aadsts: string | undefined;
  readonly reason: SessionEndReason | undefined;
}

/** An entry of the audit trail with the names of those concerned, as far as they are still known. */
export interface AuditEntry extends AuditRecord {
  readonly userName: string | undefined;
  readonly actorName: string | undefined;
}

/** Which entries of the audit trail to list. */
export interface AuditQuery {
  /** The organisation of the user whom it happened to. */
  readonly tenantId: TenantId;
  /** Whether to list as well what no user can be named for, such as a sign-in that was cancelled. */
  readonly includesUnattributed: boolean;
  /** Only entries that are older than this one: the last one of the page before. */
  readonly before: AuditRecordId | undefined;
  readonly limit: number;
}

/**
 * Keeps the audit trail. Entries are added and read, never changed. They leave in the order in which they came and not
 * before 30 days have passed, by the clock of the database itself, which refuses any other deletion whoever asks for it.
 */
export interface AuditStore {
  /** Adds the entry, under the organisation that its user belongs to. */
  append(record: AuditRecord): Promise<void>;

  /** Answers entries, the newest first. */
  list(query: AuditQuery): Promise<readonly AuditEntry[]>;

  /** Removes at most `limit` entries whose IDs sort before this one, the first ones, and answers how many it removed. */
  deleteBefore(before: AuditRecordId, limit: number): Promise<number>;
}

/** What a rate limit has counted for one key. */
export interface RateCount {
  /** How often the key was counted in this window, this time included. */
  readonly count: number;
  /** How long the window still lasts. */
  readonly remainingMilliseconds: number;
}

/** Counts what is limited. Every server of an application shares it, so that a limit holds however many there are. */
export interface RateLimitStore {
  /**
   * Counts the key once more, in one atomic step: of any number of concurrent callers each gets a number of its own. The
   * first count of a key opens a window, by the clock of the process; no later one makes it longer. Once it has passed,
   * the next count opens another.
   */
  count(key: string, windowSeconds: number): Promise<RateCount>;

  /** Removes at most `limit` counts whose window has passed and answers how many it removed. */
  deleteExpired(now: Date, limit: number): Promise<number>;
}

/** The right to do what only one server does at a time. */
export interface Lease {
  /** What it is the right to do. */
  readonly name: string;
  /** The server that has it. */
  readonly holder: string;
  /** When others may have it, unless it was renewed or given back before. */
  readonly expiresAt: Date;
}

/** Keeps who does what only one server does at a time. Every server of an application shares it. */
export interface LeaseStore {
  /**
   * Takes the lease, or renews the holder's own, in one atomic step, and answers `true`: of any number of concurrent
   * callers one gets it. Answers `false`, and changes nothing, while another has it.
   */
  acquire(lease: Lease, now: Date): Promise<boolean>;

  /** Gives the lease back if this holder has it. */
  release(lease: Pick<Lease, "name" | "holder">): Promise<void>;
}

/** All the stores of an application; made together, because they share one database. */
export interface Stores {
  readonly flowStore: FlowStore;
  readonly userStore: UserStore;
  readonly sessionStore: SessionStore;
  readonly tokenCacheStore: TokenCacheStore;
  readonly auditStore: AuditStore;
  readonly rateLimitStore: RateLimitStore;
  readonly leaseStore: LeaseStore;
}

/** What MSAL needs to build an authorization URL. */
export interface AuthorizationRequest {
  readonly state: State;
  readonly nonce: Nonce;
  readonly codeVerifier: CodeVerifier;
  readonly scopes: readonly string[];
  readonly prompt?: Prompt | undefined;
  readonly loginHint?: string | undefined;
  readonly domainHint?: string | undefined;
  /** A claims request as JSON text, as an API's challenge or a token error hands it out. */
  readonly claims?: string | undefined;
  /** How long ago the person may have authenticated at most (OpenID Connect Core §3.1.2.1). */
  readonly maxAgeSeconds?: number | undefined;
}

/** How the identity provider interacts with the person (OpenID Connect Core §3.1.2.1). */
export type Prompt = "none" | "login" | "consent" | "select_account" | "create";

/** What MSAL needs to exchange an authorization code. */
export interface CodeExchange {
  readonly code: string;
  readonly state: State;
  readonly nonce: Nonce;
  readonly codeVerifier: CodeVerifier;
  readonly scopes: readonly string[];
  /** Ends the request to the identity provider. */
  readonly signal: AbortSignal;
}

/** What the identity provider answered to an exchanged code or a refresh. Nothing in it has been validated. */
export interface TokenAnswer {
  readonly idToken: string | undefined;
  readonly accessToken: AccessToken;
  readonly fromCache: boolean;
  readonly partitionKey: PartitionKey;
  /** MSAL's serialized token cache of this one account. */
  readonly tokenCache: string;
}

/** What MSAL needs to acquire an access token without the person. */
export interface SilentTokenRequest {
  readonly partitionKey: PartitionKey;
  readonly tenantId: string;
  readonly tokenCache: string;
  readonly scopes: readonly string[];
  readonly claims?: string | undefined;
  readonly forceRefresh?: boolean | undefined;
  readonly signal: AbortSignal;
}

/** The client of the identity provider: MSAL, behind a door. */
export interface IdentityClient {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly identityProvider: IdentityProvider;
  createAuthorizationUrl(request: AuthorizationRequest): Promise<string>;

  /**
   * @throws {AuthError} `code_rejected` if the code or verifier is refused, `client_rejected` if our credential is,
   *   `consent_required`, `interaction_required` or `authorization_denied` if consent or proof is missing or a policy
   *   refuses, `identity_provider_unavailable` if nobody answers.
   */
  exchangeCode(exchange: CodeExchange): Promise<TokenAnswer>;

  /** Answers the account's ID token as the token cache keeps it, expired or not. Asks for no token. */
  readIdToken(
    request: Pick<
      SilentTokenRequest,
      "partitionKey" | "tenantId" | "tokenCache"
    >,
  ): Promise<string | undefined>;

  /** Answers the access token that the token cache holds, if it is fresh and nothing else was asked for. Asks nobody. */
  findToken(request: SilentTokenRequest): Promise<TokenAnswer | undefined>;

  /**
   * @throws {AuthError} `interaction_required` if the account must sign in again, `consent_required` or
   *   `authorization_denied` if consent is missing or a policy refuses.
   */
  acquireToken(request: SilentTokenRequest): Promise<TokenAnswer>;
}

/** Encrypts what rests in the stores and opens it again. */
export interface Sealer {
  /** Encrypts the text for one place; moved to any other, it does not open. */
  seal(text: string, place: string): Sealed;

  /** Answers the text, or `undefined` if it was altered, moved or sealed with a secret that is no longer listed. */
  open(sealed: Sealed, place: string): string | undefined;
}

/** Everything the core needs from the outside. */
export interface Ports extends Stores {
  readonly identityClient: IdentityClient;
  readonly sealer: Sealer;
  readonly now: () => Date;
}
