import {
  keepInTab,
  readFromTab,
  removeFromTab,
} from "../sign-in/tab-storage.js";

/** What somebody is asked to confirm: what is done to whom or what. */
export interface Action {
  readonly kind: "end_session" | "disable_user" | "enable_user";
  /** The ID of the session or user. */
  readonly subjectId: string;
  /** What people call it: "Edge on Windows". */
  readonly subjectName: string;
}

/** Whose action it is, and in which session it was wanted. */
export interface Owner {
  readonly userId: string;
  readonly sessionId: string;
}

const storageKey = "entrada.pending-action";
const lifetimeMilliseconds = 10 * 60_000;

/** Keeps, for this tab, what cannot be done before another sign-in. */
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
 * Returns what was to be done before the sign-in that has just been completed: by the same person, minutes ago, in a
 * session that another has replaced by now. It is offered again, never done by itself.
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
