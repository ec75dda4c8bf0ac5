import type { EmulatorState } from "../state/emulator-state.js";
import type { SsoSession } from "../state/sso-session.js";

/** Returns the cookie's name. It contains the port, because cookies are shared between all ports of a host. */
export function ssoCookieName(origin: string): string {
  return `entra-emulator-${new URL(origin).port}-ESTSAUTHPERSISTENT`;
}

/** Returns the `Set-Cookie` value that sets the session's cookie, or removes it if the session has ended. */
export function formatSsoCookie(
  state: EmulatorState,
  session: SsoSession,
): string {
  const name = ssoCookieName(state.origin);
  const isSignedIn = state.sessions.read(session.token) !== undefined;
  const value = isSignedIn ? session.token : "";
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${isSignedIn ? "" : "; Max-Age=0"}`;
}
