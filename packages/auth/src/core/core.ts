import type { AuditTrail } from "./administration/audit-trail.js";
import { parseSettings } from "./auth-settings.js";
import type { AuthSettings } from "./auth-settings.js";
import { shieldListener } from "./event.js";
import type { AuthEventListener } from "./event.js";
import type { AuthOptions } from "./options.js";
import type { Ports } from "./ports.js";
import { createSealer } from "./sealer.js";
import { createActiveSessions } from "./session/active-session.js";
import type { ActiveSessions } from "./session/active-session.js";
import type { NoColumns } from "./stores/user-extension.js";

/** The ports, settings and shared state that every part of the core uses. Created once by `createAuth`. */
export interface Core<Columns = NoColumns> extends Ports<Columns> {
  readonly settings: AuthSettings;
  /** Passes an event to the audit trail and to the app's listener. */
  readonly report: AuthEventListener;
  /** Passes an event to the app's listener only, because the store has added its entry to the audit trail. */
  readonly reportRecorded: AuthEventListener;
  readonly auditTrail: AuditTrail | undefined;
  readonly activeSessions: ActiveSessions<Columns>;
}

/** @throws {TypeError} if an option contradicts another or is unsafe, naming it. */
export function createCore<Columns>(
  options: AuthOptions<Columns>,
): Core<Columns> {
  const {
    stores,
    identityClient,
    auditTrail,
    now = () => new Date(),
  } = options;
  const reportRecorded = shieldListener(options.onEvent);
  const settings = parseSettings(options);
  stores.bindClient(identityClient.clientId);
  return {
    ...stores,
    identityClient,
    sealer: createSealer(options.secrets),
    now,
    settings,
    report: (event) => {
      auditTrail?.record(event);
      reportRecorded(event);
    },
    reportRecorded,
    auditTrail,
    activeSessions: createActiveSessions(stores.sessionStore, now),
  };
}
