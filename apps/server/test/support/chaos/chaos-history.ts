/** What a visitor did and heard, in their order. */
export type ChaosEntry =
  | { readonly type: "signed_in"; readonly isNewUser: boolean }
  | { readonly type: "signed_out" }
  /** Whom `auth.me` named, by object ID; nobody if it said that nobody is signed in. */
  | { readonly type: "asked"; readonly objectId: string | undefined }
  /** Something was asked for, and it is not known whether it was done. */
  | {
      readonly type: "failed";
      readonly action: ChaosAction;
      readonly failure: string;
    };

/** What a visitor asks for. */
export type ChaosAction = "signIn" | "ask" | "signOut";

/** Whoever took part, and all that they remember. */
export interface ChaosHistory {
  readonly objectId: string;
  readonly entries: readonly ChaosEntry[];
}

/** The failures that a server or a database which was taken away may cause: no answer at all, or a clean 503. */
export const cleanFailures: ReadonlySet<string> = new Set([
  "no answer",
  "503 store_unavailable",
]);

/** Returns what should not have happened, one line each. */
export function findViolations({
  objectId,
  entries,
}: ChaosHistory): readonly string[] {
  const violations: string[] = [];
  let newUsers = 0;
  // What `me` may answer: the person while they are signed in, nobody before and after, either while it is not known.
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
          complain(`${entry.action} failed by ${entry.failure}`);
        if (entry.action === "signOut") mayBeSignedOut = true;
        // The browser's old session ends with the new one's start, whose cookie may not have arrived.
        if (entry.action === "signIn") mayBeSignedOut = true;
        break;
    }
  }
  if (newUsers > 1)
    violations.push(`${objectId} was a new user ${newUsers} times`);
  return violations;
}
