import {
  invalidRequest,
  parseFields,
  readShortText,
  readWholeNumber,
} from "../fields.js";

/** Which users to list. */
export interface UserListRequest {
  /** Only users whose name or user name contains this string. */
  readonly search?: string | undefined;
  /** The ID of the last user of the previous page. */
  readonly after?: string | undefined;
  /** Defaults to 50; at most 100. */
  readonly limit?: number | undefined;
}

/** Which entries of the audit trail to list. */
export interface AuditListRequest {
  /** The ID of the last entry of the previous page. */
  readonly before?: string | undefined;
  /** Defaults to 50; at most 100. */
  readonly limit?: number | undefined;
}

const maximumSearchLength = 100;
const maximumIdLength = 100;
const limitBounds = { least: 1, most: 100 };

/** @throws {AuthError} `invalid_request` if the input is invalid; the message names the member. */
export function parseUserListRequest(input: unknown): UserListRequest {
  const fields = parseFields(input ?? {});
  return {
    search: readShortText(fields, "search", maximumSearchLength),
    after: readShortText(fields, "after", maximumIdLength),
    limit: readWholeNumber(fields, "limit", limitBounds),
  };
}

/** @throws {AuthError} `invalid_request` if the input is invalid; the message names the member. */
export function parseAuditListRequest(input: unknown): AuditListRequest {
  const fields = parseFields(input ?? {});
  return {
    before: readShortText(fields, "before", maximumIdLength),
    limit: readWholeNumber(fields, "limit", limitBounds),
  };
}

/** @throws {AuthError} `invalid_request` if the input is not an object with a user ID. */
export function parseUserReference(input: unknown): {
  readonly userId: string;
} {
  return { userId: requireId(input, "userId") };
}

/** @throws {AuthError} `invalid_request` if the input is not an object with a session ID. */
export function parseSessionReference(input: unknown): {
  readonly sessionId: string;
} {
  return { sessionId: requireId(input, "sessionId") };
}

function requireId(input: unknown, name: string): string {
  const id = readShortText(parseFields(input), name, maximumIdLength);
  if (id === undefined || id === "")
    throw invalidRequest(`${name} must be an ID.`);
  return id;
}
