import { eq, sql } from "drizzle-orm";
import type { Column, SQL, Table } from "drizzle-orm";

import { bound } from "./placeholder.js";

/** The table of the users' data at each client. */
type KnownTable = Table & {
  readonly userId: Column;
  readonly clientId: Column;
};

/** Returns the condition that the row belongs to the client of the stores. */
export function isOfClient({ clientId }: { readonly clientId: Column }): SQL {
  return eq(clientId, bound(clientId, "clientId"));
}

/** Returns the condition that the row is of the organisation `tenantId`. */
export function isOfTenant({ tenantId }: { readonly tenantId: Column }): SQL {
  return eq(tenantId, bound(tenantId, "tenantId"));
}

/** Returns the condition that the row has the ID `id`. */
export function hasId({ id }: { readonly id: Column }): SQL {
  return eq(id, bound(id, "id"));
}

/** Returns the condition that a version without client IDs stored the row, and that no client has one of this user. */
export function isUnclaimed(known: KnownTable): SQL {
  const { userId, clientId } = known;
  const claimed = sql`select 1 from ${known} other where other.${sql.identifier(userId.name)} = ${bound(userId, "userId")} and other.${sql.identifier(clientId.name)} <> ''`;
  return sql`${clientId} = '' and not exists (${claimed})`;
}

/** Returns the columns of a user: of the person, and of their data at one client. */
export function joinUserColumns<
  Person extends object,
  Known extends { readonly userId: unknown; readonly clientId: unknown },
>(person: Person, known: Known): Person & Omit<Known, "userId" | "clientId"> {
  const { userId: _, clientId: __, ...columns } = known;
  return { ...person, ...columns };
}
