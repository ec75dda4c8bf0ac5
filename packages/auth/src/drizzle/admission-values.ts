import { sql } from "drizzle-orm";
import type { Column, SQL } from "drizzle-orm";

import { bound, excluded } from "./placeholder.js";
import type { ProfileRow, SessionRow, UserRow } from "./rows.js";

type Columns<Row> = Readonly<Record<keyof Row, Column>>;
type Values<Row> = Readonly<Record<keyof Row, SQL>>;

/** Returns what an admission inserts for a new user. */
export function createUserValues(
  user: Columns<UserRow>,
): Values<Omit<UserRow, "disabledAt">> {
  return {
    id: bound(user.id, "candidateId"),
    tenantId: bound(user.tenantId, "tenantId"),
    objectId: bound(user.objectId, "objectId"),
    subject: bound(user.subject, "subject"),
    name: bound(user.name, "name"),
    preferredUsername: bound(user.preferredUsername, "preferredUsername"),
    email: bound(user.email, "email"),
    roles: bound(user.roles, "roles"),
    groups: bound(user.groups, "groups"),
    createdAt: bound(user.createdAt, "createdAt"),
    lastSignInAt: bound(user.lastSignInAt, "createdAt"),
  };
}

/** Returns what an admission sets for a user who exists: all that a sign-in tells anew. */
export function createUserRefresh(
  user: Columns<UserRow>,
): Values<
  Omit<ProfileRow, "tenantId" | "objectId"> & Pick<UserRow, "lastSignInAt">
> {
  const refresh = (column: Column) => refreshUnlessDisabled(user, column);
  return {
    subject: refresh(user.subject),
    name: refresh(user.name),
    preferredUsername: refresh(user.preferredUsername),
    email: refresh(user.email),
    roles: refresh(user.roles),
    groups: refresh(user.groups),
    lastSignInAt: refresh(user.lastSignInAt),
  };
}

/** Returns what an admission inserts for its session, of the user with this ID. */
export function createSessionValues(
  session: Columns<SessionRow>,
  userId: SQL,
): readonly SQL[] {
  return Object.entries(session).map(([name, column]) =>
    name === "userId" ? userId : bound(column, name),
  );
}

// Not by a condition of the update: where that is false, no row is returned, and who is disabled would be unknown.
function refreshUnlessDisabled(
  { disabledAt }: Columns<UserRow>,
  column: Column,
): SQL {
  return sql`case when ${disabledAt} is null then ${excluded(column)} else ${column} end`;
}
