import type { AuditTrailEntry, AuthErrorCode } from "@entrada/auth/react";

/** The description of an entry of the audit trail. */
export interface EntryWords {
  /** Who did what, or what happened to whom. */
  readonly sentence: string;
  /** The reason, if there is one. */
  readonly explanation: string | undefined;
}

type Reason = NonNullable<AuditTrailEntry["reason"]>;

/** Describes the entry for administrators. */
export function wordEntry(entry: AuditTrailEntry): EntryWords {
  return {
    sentence: sentences[entry.type](entry),
    explanation: entry.code === null ? undefined : causes[entry.code],
  };
}

const sentences: Record<
  AuditTrailEntry["type"],
  (entry: AuditTrailEntry) => string
> = {
  "flow.completed": (entry) => `${nameUser(entry)} signed in`,
  "flow.failed": (entry) =>
    entry.userId === null
      ? "A sign-in failed"
      : `${nameUser(entry)} was refused a sign-in`,
  "session.ended": (entry) =>
    entry.reason === null
      ? `A session of ${nameUser(entry)} ended`
      : endings[entry.reason](nameUser(entry)),
  "token.refused": (entry) =>
    `Microsoft refused us access on behalf of ${nameUser(entry)}`,
  "user.disabled": (entry) => `${nameActor(entry)} disabled ${nameUser(entry)}`,
  "user.enabled": (entry) => `${nameActor(entry)} enabled ${nameUser(entry)}`,
  "user.deleted": (entry) =>
    entry.actorId === null
      ? "A user was deleted"
      : `${nameActor(entry)} deleted a user`,
};

const endings: Record<Reason, (name: string) => string> = {
  signed_out: (name) => `${name} signed out`,
  signed_out_everywhere: (name) =>
    `${name} signed out everywhere, which ended this session`,
  revoked: (name) => `${name} ended one of their sessions`,
  replaced: (name) =>
    `A session of ${name} ended because of a new sign-in in the same browser`,
  provider_signed_out: (name) => `${name} signed out at Microsoft`,
  user_disabled: (name) =>
    `A session of ${name} ended because they were disabled`,
  user_deleted: (name) =>
    `A session of ${name} ended because they were deleted`,
  expired: (name) => `A session of ${name} ran out`,
};

const causes: Record<AuthErrorCode, string> = {
  invalid_request: "The request could not be read.",
  cross_site_request: "The request came from another site.",
  rate_limited: "There were too many attempts from one address.",
  flow_not_found:
    "No pending sign-in belongs to this response: it has expired or was already completed.",
  browser_mismatch:
    "The response arrived in another browser than the one that started the sign-in.",
  admin_consent_returned:
    "An administrator has given consent for the organisation.",
  issuer_mismatch: "The response came from an unexpected identity provider.",
  authorization_denied:
    "The person, or a rule of the organisation, stopped it at Microsoft.",
  consent_required: "Consent to the requested permissions was missing.",
  login_required: "Microsoft required a sign-in first.",
  interaction_required: "Microsoft required one more step from the person.",
  authorization_failed: "Microsoft answered with an error.",
  code_rejected: "Microsoft did not accept the authorization code.",
  client_rejected: "Microsoft did not accept the credentials of this service.",
  id_token_invalid: "The ID token did not pass our checks.",
  tenant_not_found:
    "Microsoft does not know the organisation that this service is set up for.",
  tenant_not_allowed: "Their organisation is not admitted here.",
  user_disabled: "An administrator had disabled them.",
  sign_in_refused: "This service does not admit the account.",
  not_signed_in: "There was no signed-in user.",
  bearer_invalid: "The access token was not valid.",
  scope_required: "The access token lacked a scope for it.",
  role_required: "They lacked the role for it.",
  tenant_required: "It belongs to another organisation.",
  fresh_sign_in_required: "Their sign-in was too long ago.",
  session_not_found: "They had no such session.",
  user_not_found: "There was no such user.",
  identity_provider_unavailable: "Microsoft could not be reached.",
  store_unavailable: "The database did not answer.",
  internal_error: "Something failed on our side.",
};

function nameUser({ userName, userId }: AuditTrailEntry): string {
  if (userName !== null && userName.trim() !== "") return userName;
  return userId === null ? "A visitor" : "A user without a name";
}

function nameActor({ actorName }: AuditTrailEntry): string {
  return actorName !== null && actorName.trim() !== ""
    ? actorName
    : "An administrator";
}
