import type { Administration } from "./administration/administration.js";
import type { Housekeeping } from "./administration/delete-expired.js";
import type { SharedSettings } from "./auth-settings.js";
import type { CurrentSession } from "./session/current-session.js";
import type { OwnSessions } from "./session/own-sessions.js";
import type { ProviderSignOut } from "./session/provider-sign-out.js";
import type { SignOut } from "./session/sign-out.js";
import type { FlowCompletion } from "./sign-in/complete-flow.js";
import type { FlowStart } from "./sign-in/flow.js";
import type { AccessTokens } from "./session/access-tokens.js";

/** The sign-in layer of one application. Created once, at start. */
export interface Auth
  extends
    SharedSettings,
    FlowStart,
    FlowCompletion,
    CurrentSession,
    OwnSessions,
    SignOut,
    ProviderSignOut,
    AccessTokens,
    Housekeeping {
  readonly administration: Administration;
}
