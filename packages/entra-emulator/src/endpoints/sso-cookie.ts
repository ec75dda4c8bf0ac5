import type { EmulatorState } from "../state/emulator-state.js";
import type { SsoSession } from "../state/sso-session.js";

/** Returns the cookie's name. Cookies ignore ports, so the name holds it: no app and no second emulator shares it. */
export function ssoCookieName(origin: string): string {
  return `entra-emulator-${new URL(origin).port}-ESTSAUTHPERSISTENT`;
}

/** Returns the `Set-Cookie` value of a session, or the one that removes it when nobody is signed in any more. */
export function formatSsoCookie(
  state: EmulatorState,
  session: SsoSession,
): string {
  const name = ssoCookieName(state.origin);
  const isSignedIn = state.sessions.read(session.token) !== undefined;
  const value = isSignedIn ? session.token : "";
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${isSignedIn ? "" : "; Max-Age=0"}`;
}
