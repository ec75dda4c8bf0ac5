import { findByOpaqueHint } from "../directory/account.js";
import { requireAuthority } from "../directory/authority.js";
import type { Person } from "../directory/directory.js";
import { findPlatform } from "../directory/redirect-uri.js";
import { showErrorPage } from "../pages/error-page.js";
import {
  showSignedOutPage,
  showSignOutPicker,
} from "../pages/sign-out-page.js";
import { AadstsError } from "../protocol/aadsts.js";
import type { Parameters } from "../protocol/authorization-request.js";
import { createErrorAnswer } from "../protocol/error-answer.js";
import type { EmulatorState } from "../state/emulator-state.js";
import type { SignedInAccount, SsoSession } from "../state/sso-session.js";
import type { EmulatorRequest } from "./emulator-request.js";
import { formatSsoCookie } from "./sso-cookie.js";

const forwarded = ["post_logout_redirect_uri", "state", "client_id"] as const;

/**
 * Serves the end session endpoint: shows the account picker unless `logout_hint` names the account, and loads the apps'
 * front-channel logout URLs.
 */
export function handleSignOut(
  state: EmulatorState,
  request: EmulatorRequest,
): Response {
  try {
    requireAuthority(state.directory, request.tenantSegment);
  } catch (error) {
    if (!(error instanceof AadstsError)) throw error;
    return showErrorPage(createErrorAnswer(state, request.ids, error));
  }
  const session = state.sessions.read(request.ssoToken);
  const next = nextLocation(state, request.parameters);
  if (session === undefined) return leave(next, [], {});
  const person = findPersonToSignOut(state, request, session);
  if (person === undefined) return askWhom(state, request, session);
  const signedOut = state.sessions.signOut(session, person.upn);
  const remaining = state.sessions.read(request.ssoToken) ?? {
    ...session,
    accounts: [],
  };
  return leave(next, frontChannelUrls(state, signedOut), {
    "Set-Cookie": formatSsoCookie(state, remaining),
  });
}

/**
 * Returns the front-channel logout URLs, with `sid` as the only parameter, of the apps that an account signed in to.
 */
function frontChannelUrls(
  state: EmulatorState,
  account: SignedInAccount | undefined,
): readonly string[] {
  if (account === undefined) return [];
  return [...account.clientIds].flatMap((clientId) => {
    const url = state.directory.findApp(clientId)?.frontChannelLogoutUrl;
    if (url === undefined || !URL.canParse(url)) return [];
    const withSid = new URL(url);
    withSid.searchParams.set("sid", account.sid);
    return [withSid.href];
  });
}

// The picker's form sends `upn`. A foreign page can send it, too, but could just as well send `logout_hint`.
function findPersonToSignOut(
  state: EmulatorState,
  request: EmulatorRequest,
  session: SsoSession,
): Person | undefined {
  const picked = request.form.get("upn");
  const hint = request.parameters.get("logout_hint");
  const person =
    picked === undefined
      ? hint && findByOpaqueHint(state.directory, hint)
      : state.directory.findPerson(picked);
  if (person === undefined || person === "") return undefined;
  return session.accounts.some(({ upn }) => upn === person.upn)
    ? person
    : undefined;
}

function askWhom(
  state: EmulatorState,
  request: EmulatorRequest,
  session: SsoSession,
): Response {
  return showSignOutPicker({
    action: `/${request.tenantSegment}/oauth2/v2.0/logout`,
    people: session.accounts.flatMap(
      ({ upn }) => state.directory.findPerson(upn) ?? [],
    ),
    parameters: forwarded.flatMap((name) => {
      const value = request.parameters.get(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  });
}

function nextLocation(
  state: EmulatorState,
  parameters: Parameters,
): string | undefined {
  const uri = parameters.get("post_logout_redirect_uri");
  const clientId = parameters.get("client_id");
  const apps = state.directory.apps.filter(
    (app) => clientId === undefined || app.clientId === clientId,
  );
  const isRegistered =
    uri !== undefined &&
    apps.some((app) => findPlatform(app, uri) !== undefined);
  if (!isRegistered) return undefined;
  const location = new URL(uri);
  const returned = parameters.get("state");
  if (returned !== undefined) location.searchParams.set("state", returned);
  return /^https?:$/.test(location.protocol) ? location.href : undefined;
}

function leave(
  next: string | undefined,
  frames: readonly string[],
  headers: Readonly<Record<string, string>>,
): Response {
  if (next === undefined || frames.length > 0)
    return showSignedOutPage({ frames, next }, headers);
  return new Response(undefined, {
    status: 302,
    headers: { ...headers, "Cache-Control": "no-store", Location: next },
  });
}
