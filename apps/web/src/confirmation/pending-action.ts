import {
  keepInTab,
  readFromTab,
  removeFromTab,
} from "../sign-in/tab-storage.js";

/** An action that needs confirmation. */
export interface Action {
  readonly kind: "end_session" | "disable_user" | "enable_user";
  /** The ID of the session or user. */
  readonly subjectId: string;
  /** A name for people, such as "Edge on Windows". */
  readonly subjectName: string;
}

/** The user of an action, and the session in which it was requested. */
export interface Owner {
  readonly userId: string;
  readonly sessionId: string;
}

const storageKey = "entrada.pending-action";
const lifetimeMilliseconds = 10 * 60_000;

/** Stores, for this tab, an action that requires a new sign-in. */
export function rememberPendingAction(
  { kind, subjectId, subjectName }: Action,
  { userId, sessionId }: Owner,
): void {
  const expiresAt = String(Date.now() + lifetimeMilliseconds);
  const fields = {
    kind,
    subjectId,
    subjectName,
    userId,
    sessionId,
    expiresAt,
  };
  keepInTab(storageKey, JSON.stringify(fields));
}

/**
 * Returns the action that was pending before the current sign-in, if the same user requested it within the last minutes
 * and in another session. It still needs confirmation.
 */
export function findPendingAction(
  kinds: readonly Action["kind"][],
  owner: Owner,
): Action | undefined {
  const fields = readFields();
  const kind = kinds.find((candidate) => candidate === fields.get("kind"));
  const subjectId = fields.get("subjectId");
  const isTheirs = fields.get("userId") === owner.userId;
  const isSignedInSince = fields.get("sessionId") !== owner.sessionId;
  const isRecent = Number(fields.get("expiresAt")) > Date.now();
  if (kind === undefined || subjectId === undefined) return undefined;
  if (!isTheirs || !isSignedInSince || !isRecent) return undefined;

  return { kind, subjectId, subjectName: fields.get("subjectName") ?? "" };
}

export function forgetPendingAction(): void {
  removeFromTab(storageKey);
}

function readFields(): ReadonlyMap<string, string> {
  try {
    const value: unknown = JSON.parse(readFromTab(storageKey) ?? "{}");
    return new Map(Object.entries(value ?? {}).filter(isTextField));
  } catch {
    return new Map();
  }
}

function isTextField(field: [string, unknown]): field is [string, string] {
  return typeof field[1] === "string";
}
