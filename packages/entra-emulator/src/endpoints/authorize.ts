import { findByLoginHint } from "../directory/account.js";
import {
  type Authority,
  requireAuthority,
  signInTenant,
} from "../directory/authority.js";
import type { Person } from "../directory/directory.js";
import { showErrorPage } from "../pages/error-page.js";
import { AadstsError } from "../protocol/aadsts.js";
import {
  errorParameters,
  sendAnswer,
} from "../protocol/authorization-answer.js";
import {
  type AuthorizationRequest,
  parseAuthorizationRequest,
  parseResponseTarget,
  type ResponseTarget,
} from "../protocol/authorization-request.js";
import { createErrorAnswer } from "../protocol/error-answer.js";
import type { EmulatorState } from "../state/emulator-state.js";
import type { SignedInAccount, SsoSession } from "../state/sso-session.js";
import type { EmulatorRequest } from "./emulator-request.js";
import { completeSilently, signInAndContinue } from "./sign-in-completion.js";
import { showPicker } from "./sign-in.js";

/**
 * Serves the authorization endpoint.
 *
 * Errors in the client or the redirect URI are shown on a page; all others are sent to the app.
 */
export async function handleAuthorize(
  state: EmulatorState,
  request: EmulatorRequest,
): Promise<Response> {
  let authority: Authority;
  let target: ResponseTarget;
  try {
    authority = requireAuthority(state.directory, request.tenantSegment);
    target = parseResponseTarget(
      state.directory,
      authority,
      request.parameters,
    );
  } catch (error) {
    if (!(error instanceof AadstsError)) throw error;
    return showErrorPage(createErrorAnswer(state, request.ids, error));
  }
  try {
    throwFault(state, target);
    const parsed = parseAuthorizationRequest(
      state.directory,
      authority,
      target,
      request.parameters,
    );
    return await startSignIn(state, request, parsed);
  } catch (error) {
    if (!(error instanceof AadstsError)) throw error;
    return sendAnswer(
      state,
      target,
      errorParameters(
        createErrorAnswer(state, request.ids, error),
        target.state,
      ),
    );
  }
}

function throwFault(state: EmulatorState, target: ResponseTarget): void {
  const [fault] = state.faults.take("authorization_error", {
    clientId: target.app.clientId,
  });
  if (fault === undefined) return;
  throw new AadstsError(fault.code).withAnswer(fault);
}

async function startSignIn(
  state: EmulatorState,
  request: EmulatorRequest,
  parsed: AuthorizationRequest,
): Promise<Response> {
  const session = state.sessions.read(request.ssoToken);
  const hinted = findHinted(state, parsed);
  const candidates = findCandidates(state, parsed, session, hinted);
  const [candidate, ...others] = candidates;
  if (parsed.prompt === "none") {
    const isUsable =
      candidate !== undefined &&
      others.length === 0 &&
      isFresh(state, parsed, candidate);
    if (!isUsable || session === undefined) throw new AadstsError(50058);
    return completeSilently(state, { parsed, session, upn: candidate.upn });
  }
  const automatic = state.autoSignIn.take();
  const person =
    automatic === undefined
      ? undefined
      : state.directory.findPerson(automatic.upn);
  if (person !== undefined) {
    return signInAndContinue(state, request, {
      parsed,
      session,
      person,
      consent: automatic?.consent ?? "accept",
    });
  }
  const mayBeSilent =
    parsed.prompt === undefined || parsed.prompt === "consent";
  const single = others.length === 0 && mayBeSilent ? candidate : undefined;
  const known =
    single === undefined ? undefined : state.directory.findPerson(single.upn);
  if (
    single !== undefined &&
    known !== undefined &&
    session !== undefined &&
    isFresh(state, parsed, single)
  ) {
    return signInAndContinue(state, request, {
      parsed,
      session,
      person: known,
      consent: "ask",
      isSingleSignOn: true,
    });
  }
  return showPicker(state, { parsed, session, hinted });
}

function findHinted(
  state: EmulatorState,
  parsed: AuthorizationRequest,
): Person | undefined {
  if (parsed.loginHint === undefined || parsed.prompt === "select_account")
    return undefined;
  return findByLoginHint(state.directory, parsed.loginHint);
}

function findCandidates(
  state: EmulatorState,
  parsed: AuthorizationRequest,
  session: SsoSession | undefined,
  hinted: Person | undefined,
): readonly SignedInAccount[] {
  const accounts = (session?.accounts ?? []).filter(({ upn }) => {
    const person = state.directory.findPerson(upn);
    if (
      person === undefined ||
      signInTenant(state.directory, parsed.authority, person) === undefined
    )
      return false;
    return fitsDomainHint(state, person, parsed.domainHint);
  });
  if (parsed.loginHint === undefined || parsed.prompt === "select_account")
    return accounts;
  return accounts.filter(({ upn }) => upn === hinted?.upn);
}

function fitsDomainHint(
  state: EmulatorState,
  person: Person,
  hint: string | undefined,
): boolean {
  const home = state.directory.findTenant(person.home.tenantId);
  if (hint === undefined || hint === "" || home === undefined) return true;
  if (hint === "organizations") return home.kind === "organization";
  if (hint === "consumers") return home.kind === "consumer";
  return home.tenantId === hint || home.domains.includes(hint.toLowerCase());
}

function isFresh(
  state: EmulatorState,
  parsed: AuthorizationRequest,
  account: SignedInAccount,
): boolean {
  if (parsed.maxAgeSeconds === undefined) return true;
  const ageMilliseconds =
    state.clock.now().getTime() - account.authTime.getTime();
  return (
    parsed.maxAgeSeconds > 0 && ageMilliseconds <= parsed.maxAgeSeconds * 1000
  );
}
