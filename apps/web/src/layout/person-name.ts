import type { ActiveUser } from "@entrada/auth/react";

/** Returns what to call the person. Microsoft may leave the name out; then the user name stands in for it. */
export function personName({ name, preferredUsername }: ActiveUser): string {
  if (name.trim() !== "") return name;
  return preferredUsername ?? "Unnamed person";
}
