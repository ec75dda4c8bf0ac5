import type { UserRepresentation } from "@entrada/auth/react";

/** Returns what to call the person. Microsoft may leave the name out; then the user name stands in for it. */
export function personName({
  name,
  preferredUsername,
}: UserRepresentation): string {
  if (name.trim() !== "") return name;
  return preferredUsername ?? "Unnamed person";
}
