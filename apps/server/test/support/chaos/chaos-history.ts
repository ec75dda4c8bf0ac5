/** One action of a visitor and its outcome. */
export type ChaosEntry =
  | { readonly type: "signed_in"; readonly isNewUser: boolean }
  | { readonly type: "signed_out" }
  /** The object ID that `auth.me` returned; `undefined` if the visitor is signed out. */
  | { readonly type: "asked"; readonly objectId: string | undefined }
  /** The request failed, and it is unknown whether the server has completed the action. */
  | {
      readonly type: "failed";
      readonly action: ChaosAction;
      readonly failure: string;
    };

export type ChaosAction = "signIn" | "ask" | "signOut";

/** The actions of one person, in order. */
export interface ChaosHistory {
  readonly objectId: string;
  readonly entries: readonly ChaosEntry[];
}

/** The failures that a stopped server or database may cause: no response, or an orderly 503. */
export const cleanFailures: ReadonlySet<string> = new Set([
  "no response",
  "503 store_unavailable",
]);

/** Returns one line for each violated rule. */
export function findViolations({
  objectId,
  entries,
}: ChaosHistory): readonly string[] {
  const violations: string[] = [];
  let newUsers = 0;
  // What `auth.me` may return. Both are true while it is unknown whether the person is signed in.
  let mayBeSignedIn = false;
  let mayBeSignedOut = true;

  for (const [index, entry] of entries.entries()) {
    const complain = (text: string) =>
      violations.push(`${objectId}, entry ${index}: ${text}`);
    switch (entry.type) {
      case "signed_in":
        newUsers += entry.isNewUser ? 1 : 0;
        mayBeSignedIn = true;
        mayBeSignedOut = false;
        break;
      case "signed_out":
        mayBeSignedIn = false;
        mayBeSignedOut = true;
        break;
      case "asked":
        if (entry.objectId === undefined && !mayBeSignedOut)
          complain("an acknowledged sign-in was lost");
        if (entry.objectId !== undefined && entry.objectId !== objectId)
          complain(`became ${entry.objectId}`);
        if (entry.objectId === objectId && !mayBeSignedIn)
          complain("an acknowledged sign-out was lost");
        break;
      case "failed":
        if (!cleanFailures.has(entry.failure))
          complain(`${entry.action} failed with ${entry.failure}`);
        if (entry.action === "signOut") mayBeSignedOut = true;
        // The new session may have replaced the old one although its cookie did not arrive.
        if (entry.action === "signIn") mayBeSignedOut = true;
        break;
    }
  }
  if (newUsers > 1)
    violations.push(`${objectId} was a new user ${newUsers} times`);
  return violations;
}
