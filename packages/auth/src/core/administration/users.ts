import type { Core } from "../core.js";
import type { AuditRecordId, UserId } from "../identifiers.js";
import { closeSessions } from "../session/session-end.js";
import type { AuditEntry } from "../stores/audit-store.js";
import type { StoredSession } from "../stores/session-store.js";
import { formatUserExport } from "./user-export.js";
import type { UserExport } from "./user-export.js";

/** Deletes and exports the data of a user, for requests under data protection law. The caller must check permissions. */
export interface Users {
  /**
   * Deletes the user's data at this registration: e-mail address, roles, groups, sessions and tokens, at once and in all
   * browsers. The user's name goes with the data of the last registration that shares the tables. Entries of the audit
   * trail remain, and contain the user's ID only. A user who signs in again is new.
   *
   * @returns Whether this registration had such a user.
   * @throws {AuthError} `store_unavailable`
   */
  delete(userId: string): Promise<boolean>;

  /**
   * Returns all data of the user at this registration as plain JSON, without secrets; `undefined` if it has no such user.
   *
   * @throws {AuthError} `store_unavailable`
   */
  export(userId: string): Promise<UserExport | undefined>;
}

const maximumSessions = 10_000;
const pageSize = 500;

export function createUsers(core: Core): Users {
  return {
    delete: (userId) => deleteUser(core, userId as UserId, undefined),
    export: (userId) => exportUser(core, userId as UserId),
  };
}

/** Deletes the user on behalf of the administrator, if there is one, and returns whether there was such a user. */
export async function deleteUser(
  core: Core,
  userId: UserId,
  actorId: UserId | undefined,
): Promise<boolean> {
  const { userStore, auditTrail, reportRecorded } = core;
  const event = { type: "user.deleted", userId, actorId } as const;
  // In the same transaction, because the entry's organisation is that of the user.
  const ended = await userStore.delete(userId, auditTrail?.createRecord(event));
  if (ended === undefined) return false;
  reportRecorded(event);
  await closeSessions(core, reportRecorded, ended, "user_deleted");
  return true;
}

/** Returns all data of the user, or `undefined` if there is no such user. */
export async function exportUser(
  core: Core,
  userId: UserId,
): Promise<UserExport | undefined> {
  const { userStore, sessionStore, now } = core;
  const user = await userStore.find(userId);
  if (user === undefined) return undefined;
  const sessions = await sessionStore.list(userId, now(), maximumSessions);
  return formatUserExport({
    user,
    sessions,
    tokenExpiries: await listTokenExpiries(core, sessions),
    entries: await listEntries(core, userId),
  });
}

/** Returns when the stored tokens of the sessions expire. */
async function listTokenExpiries(
  { tokenCacheStore, now }: Core,
  sessions: readonly StoredSession[],
): Promise<readonly Date[]> {
  const keys = new Set(
    sessions.flatMap(({ partitionKey }) => partitionKey ?? []),
  );
  const partitions = await Promise.all(
    [...keys].map((key) => tokenCacheStore.find(key, now())),
  );
  return partitions.flatMap((partition) => partition?.expiresAt ?? []);
}

/** Reads the user's entries of the audit trail in pages, so that no statement takes long. */
async function listEntries(
  { auditStore }: Core,
  userId: UserId,
): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let before: AuditRecordId | undefined;
  for (;;) {
    const page = await auditStore.listOfUser({
      userId,
      before,
      limit: pageSize,
    });
    entries.push(...page);
    before = page.at(-1)?.id;
    if (page.length < pageSize) return entries;
  }
}
