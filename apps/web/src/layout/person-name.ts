import type { UserRepresentation } from "@entrada/auth/react";

/** Returns the user's name, or the user name if Microsoft omitted the name. */
export function personName({
  name,
  preferredUsername,
}: UserRepresentation): string {
  if (name.trim() !== "") return name;
  return preferredUsername ?? "Unnamed person";
}
