import type { Administration } from "./administration/administration.js";
import type { Housekeeping } from "./administration/delete-expired.js";
import type { Users } from "./administration/users.js";
import type { SharedSettings } from "./auth-settings.js";
import type { NoColumns } from "./stores/user-extension.js";
import type { CurrentSession } from "./session/current-session.js";
import type { OwnSessions } from "./session/own-sessions.js";
import type { ProviderSignOut } from "./session/provider-sign-out.js";
import type { SignOut } from "./session/sign-out.js";
import type { FlowCompletion } from "./sign-in/complete-flow.js";
import type { FlowStart } from "./sign-in/flow.js";
import type { AccessTokens } from "./session/access-tokens.js";

/**
 * The sign-in layer of one application. Created once, at start. `Columns` are the app's own columns of a user, which the
 * stores add to the user of a session.
 */
export interface Auth<Columns = NoColumns>
  extends
    SharedSettings,
    FlowStart,
    FlowCompletion,
    CurrentSession<Columns>,
    OwnSessions,
    SignOut,
    ProviderSignOut,
    AccessTokens,
    Housekeeping {
  readonly administration: Administration;
  readonly users: Users;
}

/** The app's own columns of a user, of the `Auth` of this type. */
export type UserColumns<Of extends Auth> =
  Of extends Auth<infer Columns> ? Columns : never;
