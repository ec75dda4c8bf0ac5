import {
  invalidRequest,
  parseFields,
  readShortText,
  readWholeNumber,
} from "../fields.js";

/** Which users an administrator wants to see. */
export interface UserListRequest {
  /** Only those whose name or user name contains this text. */
  readonly search?: string | undefined;
  /** The ID of the last user of the page before. */
  readonly after?: string | undefined;
  /** Defaults to 50; at most 100. */
  readonly limit?: number | undefined;
}

/** Which entries of the audit trail an administrator wants to see. */
export interface AuditListRequest {
  /** The ID of the last entry of the page before. */
  readonly before?: string | undefined;
  /** Defaults to 50; at most 100. */
  readonly limit?: number | undefined;
}

const maximumSearchLength = 100;
const maximumIdLength = 100;
const limitBounds = { least: 1, most: 100 };

/** @throws {AuthError} `invalid_request` if the input is not of this form; the message names the member. */
export function parseUserListRequest(input: unknown): UserListRequest {
  const fields = parseFields(input ?? {});
  return {
    search: readShortText(fields, "search", maximumSearchLength),
    after: readShortText(fields, "after", maximumIdLength),
    limit: readWholeNumber(fields, "limit", limitBounds),
  };
}

/** @throws {AuthError} `invalid_request` if the input is not of this form; the message names the member. */
export function parseAuditListRequest(input: unknown): AuditListRequest {
  const fields = parseFields(input ?? {});
  return {
    before: readShortText(fields, "before", maximumIdLength),
    limit: readWholeNumber(fields, "limit", limitBounds),
  };
}

/** @throws {AuthError} `invalid_request` unless the input names a user. */
export function parseUserReference(input: unknown): {
  readonly userId: string;
} {
  return { userId: requireId(input, "userId") };
}

/** @throws {AuthError} `invalid_request` unless the input names a session. */
export function parseSessionReference(input: unknown): {
  readonly sessionId: string;
} {
  return { sessionId: requireId(input, "sessionId") };
}

function requireId(input: unknown, name: string): string {
  const id = readShortText(parseFields(input), name, maximumIdLength);
  if (id === undefined || id === "")
    throw invalidRequest(`${name} has to be an ID.`);
  return id;
}
