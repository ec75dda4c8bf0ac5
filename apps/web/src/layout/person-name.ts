import type { ActiveUser } from "@entrada/auth/react";

/** Returns the user's name, or the user name if Microsoft omitted the name. */
export function personName({ name, preferredUsername }: ActiveUser): string {
  if (name.trim() !== "") return name;
  return preferredUsername ?? "Unnamed person";
}
