import { type Account, findAccount } from "../directory/account.js";
import { signInTenant } from "../directory/authority.js";
import type { Person } from "../directory/directory.js";
import { fullNames } from "../directory/scopes.js";
import { describeScope } from "../directory/scope-descriptions.js";
import { showConsentPage } from "../pages/consent-page.js";
import { showErrorPage } from "../pages/error-page.js";
import { AadstsError } from "../protocol/aadsts.js";
import {
  errorParameters,
  sendAnswer,
} from "../protocol/authorization-answer.js";
import type { AuthorizationRequest } from "../protocol/authorization-request.js";
import { createErrorAnswer } from "../protocol/error-answer.js";
import { missingScopes } from "../state/consents.js";
import type { EmulatorState } from "../state/emulator-state.js";
import type { SsoSession } from "../state/sso-session.js";
import { sendGrant } from "./token/authorization-grant.js";
import type { EmulatorRequest } from "./emulator-request.js";
import { rememberPending } from "./pending-sign-in.js";
import { formatSsoCookie } from "./sso-cookie.js";

/** A sign-in with a session and a known account. */
export interface KnownSignIn {
  readonly parsed: AuthorizationRequest;
  readonly session: SsoSession;
  readonly upn: string;
}

/** A sign-in with a person who was picked on the page or automatically. */
export interface PickedSignIn {
  readonly parsed: AuthorizationRequest;
  readonly session: SsoSession | undefined;
  readonly person: Person;
  readonly consent: "accept" | "decline" | "ask";
  /** Whether the existing session is used; otherwise the person signs in now. */
  readonly isSingleSignOn?: boolean | undefined;
}

/** Completes a sign-in with `prompt=none`. @throws {AadstsError} to redirect if a page would be needed. */
export async function completeSilently(
  state: EmulatorState,
  { parsed, session, upn }: KnownSignIn,
): Promise<Response> {
  const person = state.directory.findPerson(upn);
  if (person === undefined) throw new AadstsError(50058);
  const account = requireAccount(state, parsed, person);
  requireAssignment(parsed, account);
  if (missing(state, parsed, person).length > 0) throw consentMissing(parsed);
  return sendGrant(state, { parsed, session, account });
}

/**
 * Signs the picked person in and continues with the consent page or the app.
 *
 * Errors that concern the person are shown on a page, even if the person was picked automatically.
 */
export async function signInAndContinue(
  state: EmulatorState,
  request: EmulatorRequest,
  picked: PickedSignIn,
): Promise<Response> {
  try {
    return await continueWithPerson(state, request, picked);
  } catch (error) {
    if (!(error instanceof AadstsError)) throw error;
    return showErrorPage(createErrorAnswer(state, request.ids, error));
  }
}

/** Stores the consent and redirects to the app. */
export async function completeAfterConsent(
  state: EmulatorState,
  signIn: KnownSignIn,
): Promise<Response> {
  const { parsed, session, upn } = signIn;
  const person = state.directory.findPerson(upn);
  if (person === undefined)
    throw new AadstsError(50034, upn, parsed.authority.segment);
  const account = requireAccount(state, parsed, person);
  state.consents.grant(person, parsed.app, [
    ...missing(state, parsed, person),
    ...parsed.scopes.openId,
  ]);
  return sendGrant(state, { parsed, session, account });
}

async function continueWithPerson(
  state: EmulatorState,
  request: EmulatorRequest,
  { parsed, session, person, consent, isSingleSignOn = false }: PickedSignIn,
): Promise<Response> {
  const account = requireAccount(state, parsed, person);
  const isKept = isSingleSignOn && session !== undefined;
  const signedIn = isKept ? session : state.sessions.signIn(session, person);
  const cookie = formatSsoCookie(state, signedIn);
  try {
    requireAssignment(parsed, account);
    const scopes = missing(state, parsed, person);
    requireAdministrator(parsed, person, scopes);
    const needsConsent = scopes.length > 0 || parsed.prompt === "consent";
    if (needsConsent && consent === "ask")
      return askForConsent(state, {
        parsed,
        session: signedIn,
        upn: person.upn,
      });
    if (needsConsent && consent === "decline")
      return declineConsent(state, request, parsed, cookie);
    state.consents.grant(person, parsed.app, scopes);
    return await sendGrant(state, {
      parsed,
      session: signedIn,
      account,
      cookie,
    });
  } catch (error) {
    if (!(error instanceof AadstsError)) throw error;
    return showErrorPage(createErrorAnswer(state, request.ids, error), {
      "Set-Cookie": cookie,
    });
  }
}

function requireAccount(
  state: EmulatorState,
  parsed: AuthorizationRequest,
  person: Person,
): Account {
  const tenant = signInTenant(state.directory, parsed.authority, person);
  const account =
    tenant &&
    findAccount(state.directory, {
      upn: person.upn,
      tenantId: tenant.tenantId,
    });
  const { app, authority } = parsed;
  if (account === undefined || !admitsAccount(parsed, account)) {
    const tenantName = authority.tenant?.displayName ?? authority.segment;
    throw new AadstsError(
      50020,
      person.upn,
      identityProviderOf(person),
      tenantName,
      app.clientId,
    );
  }
  if (person.disabled === true) throw new AadstsError(50057);
  return account;
}

// On /common, an app that admits one kind of account can check it only now.
function admitsAccount(
  { app }: AuthorizationRequest,
  { tenant }: Account,
): boolean {
  if (app.signInAudience === "AzureADMultipleOrgs")
    return tenant.kind !== "consumer";
  return (
    app.signInAudience !== "PersonalMicrosoftAccount" ||
    tenant.kind === "consumer"
  );
}

function identityProviderOf(person: Person): string {
  return `https://sts.windows.net/${person.home.tenantId}/`;
}

function requireAssignment(
  { app }: AuthorizationRequest,
  { person }: Account,
): void {
  if (app.assignmentRequired !== true || person.unassigned !== true) return;
  throw new AadstsError(
    50105,
    app.clientId,
    app.displayName ?? app.clientId,
    person.upn,
  );
}

function requireAdministrator(
  { app }: AuthorizationRequest,
  person: Person,
  scopes: readonly string[],
): void {
  const needsAdministrator = scopes.some(
    (scope) => describeScope(scope).adminOnly ?? false,
  );
  if (needsAdministrator && person.administrator !== true)
    throw new AadstsError(90094, app.displayName ?? app.clientId);
}

function missing(
  state: EmulatorState,
  parsed: AuthorizationRequest,
  person: Person,
): readonly string[] {
  return missingScopes(
    state.consents.granted(person, parsed.app),
    parsed.scopes,
  );
}

function consentMissing({ app }: AuthorizationRequest): AadstsError {
  return new AadstsError(65001, app.clientId, app.displayName ?? app.clientId);
}

function askForConsent(
  state: EmulatorState,
  { parsed, session, upn }: KnownSignIn,
): Response {
  const person = state.directory.findPerson(upn);
  if (person === undefined)
    throw new AadstsError(50034, upn, parsed.authority.segment);
  const scopes = missing(state, parsed, person);
  // `prompt=consent` also lists scopes that were granted before; `openid` and `offline_access` are always listed.
  const asked =
    parsed.prompt === "consent"
      ? fullNames(parsed.scopes)
      : [...alwaysShown(parsed), ...scopes];
  const page = {
    app: parsed.app,
    person,
    action: `/${parsed.authority.segment}/consent`,
    requestId: rememberPending(state, { request: parsed, upn }),
    scopes: [...new Set(asked)],
  };
  return showConsentPage(page, formatSsoCookie(state, session));
}

function alwaysShown(parsed: AuthorizationRequest): readonly string[] {
  return parsed.scopes.openId.filter(
    (scope) => scope === "openid" || scope === "offline_access",
  );
}

function declineConsent(
  state: EmulatorState,
  request: EmulatorRequest,
  parsed: AuthorizationRequest,
  cookie: string,
): Response {
  const answer = createErrorAnswer(state, request.ids, new AadstsError(65004));
  return sendAnswer(state, parsed, errorParameters(answer, parsed.state), {
    "Set-Cookie": cookie,
  });
}
