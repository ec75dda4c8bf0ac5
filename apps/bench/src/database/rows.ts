import { createHash, randomBytes } from "node:crypto";
import type {
  AuditRecord,
  Flow,
  StoredSession,
  TokenCachePartition,
  User,
} from "@entrada/auth";
import { registration } from "../provider/registration.js";

/** The number of rows of each kind before the measurement. */
export interface RowCounts {
  readonly flows: number;
  readonly sessions: number;
  readonly users: number;
  readonly rateLimits: number;
  readonly events: number;
  /** Flows, sessions and tokens expire one to two days later. */
  readonly addedAt: Date;
}

export interface RateLimitRow {
  readonly key: string;
  readonly points: number;
  readonly expire: number;
}

/** The client that owns these rows. */
export const { clientId } = registration;

/** The secret of all loaded sessions. A session's cookie is its ID, a dot, and this secret. */
export const loadedSecret = digest("secret of all loaded sessions");

const day = 86_400_000;
const tenants = 1000;
const sealedCacheBytes = 3000;
const userAgent =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0";

// Each row is derived from its number, and its keys look random like real ones: an index filled in order would be
// smaller and faster.

/** Returns the ID of a session by its number. */
export function sessionIdAt(index: number): StoredSession["id"] {
  return brand(digest(`session ${index}`).slice(0, 22));
}

/** Creates a flow that stays pending during the measurement. */
export function createFlow(index: number, now: Date): Flow {
  return {
    stateDigest: stateDigestAt(index),
    browserTokenDigest: brand(digest(`browser ${index}`)),
    nonce: brand(digest(`nonce ${index}`)),
    sealedCodeVerifier: brand(seal(43)),
    scopes: [],
    returnUrl: brand(`https://app.example.test/orders/${index}?page=2`),
    issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
    maxAgeSeconds: undefined,
    createdAt: now,
    expiresAt: later(now, day + (index % day)),
  };
}

function stateDigestAt(index: number): Flow["stateDigest"] {
  return brand(digest(`state ${index}`));
}

/** Creates a user of one of a thousand organisations. */
export function createUser(index: number, now: Date): User {
  const tenantId = guid(`tenant ${index % tenants}`);
  return {
    id: userIdAt(index),
    tenantId: brand(tenantId),
    objectId: brand(guid(`object ${index}`)),
    subject: digest(`subject ${index}`),
    name: `Person ${digest(`name ${index}`).slice(0, 12)}`,
    preferredUsername: `person.${index}@tenant-${index % tenants}.example.test`,
    email: `person.${index}@tenant-${index % tenants}.example.test`,
    roles: index % 10 === 0 ? ["Admin"] : [],
    groups: [guid(`group ${index % 100}`), guid(`group ${index % 77}`)],
    createdAt: now,
    lastSignInAt: now,
    disabledAt: undefined,
  };
}

function userIdAt(index: number): User["id"] {
  return brand(digest(`user ${index}`).slice(0, 22));
}

/** Creates a session that neither expires nor is renewed during the measurement. */
export function createSession(
  index: number,
  users: number,
  now: Date,
): StoredSession {
  return {
    id: sessionIdAt(index),
    userId: userIdAt(index % users),
    secretDigest: brand(digest(loadedSecret)),
    providerSessionId: guid(`provider session ${index}`),
    logoutHint: `O.${seal(60)}`,
    partitionKey: partitionKeyAt(index % users),
    userAgent,
    authenticatedAt: now,
    createdAt: now,
    lastSeenAt: later(now, day),
    idleExpiresAt: later(now, day + (index % day)),
    expiresAt: later(now, 2 * day),
  };
}

/** Creates the sealed tokens of a user by its number. */
export function createPartition(index: number, now: Date): TokenCachePartition {
  return {
    partitionKey: partitionKeyAt(index),
    sealedCache: brand(seal(sealedCacheBytes)),
    version: 1,
    expiresAt: later(now, 2 * day),
  };
}

/** Creates the count of an address. */
export function createRateLimit(index: number, now: Date): RateLimitRow {
  const key = `login:${digest(`address ${index}`)}`;
  return { key, points: 1, expire: later(now, 60_000).getTime() };
}

/** Creates an entry of the audit trail. Entries follow one another by a second. */
export function createAuditRecord(
  index: number,
  now: Date,
): AuditRecord & Pick<User, "tenantId"> {
  const occurredAt = later(now, index * 1000);
  const time = occurredAt.getTime().toString(16).padStart(12, "0");
  return {
    id: brand(`${time}000000.${digest(`event ${index}`).slice(0, 16)}`),
    type: "session.ended",
    occurredAt,
    tenantId: brand(guid(`tenant ${index % tenants}`)),
    flowId: undefined,
    sessionId: sessionIdAt(index),
    userId: userIdAt(index),
    actorId: undefined,
    code: undefined,
    aadsts: undefined,
    reason: "signed_out",
  };
}

function partitionKeyAt(index: number): TokenCachePartition["partitionKey"] {
  return brand(
    `${guid(`object ${index}`)}.${guid(`tenant ${index % tenants}`)}`,
  );
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

function guid(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Returns random text with the length of a sealed value. */
function seal(bytes: number): string {
  return `AQ.${randomBytes(bytes + 37).toString("base64url")}`;
}

function later(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() + milliseconds);
}

function brand<Brand extends string>(text: string): Brand {
  return text as Brand;
}
