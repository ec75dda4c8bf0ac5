import { signInTenant } from "../directory/authority.js";
import type { Person } from "../directory/directory.js";
import { showAccountPicker } from "../pages/account-picker.js";
import { showErrorPage, showExpiredPage } from "../pages/error-page.js";
import { AadstsError } from "../protocol/aadsts.js";
import {
  cancelParameters,
  errorParameters,
  sendAnswer,
} from "../protocol/authorization-answer.js";
import type { AuthorizationRequest } from "../protocol/authorization-request.js";
import { createErrorAnswer } from "../protocol/error-answer.js";
import type { EmulatorState } from "../state/emulator-state.js";
import type { SsoSession } from "../state/sso-session.js";
import type { EmulatorRequest } from "./emulator-request.js";
import { rememberPending } from "./pending-sign-in.js";
import {
  completeAfterConsent,
  signInAndContinue,
} from "./sign-in-completion.js";

/** The sign-in for which the picker is shown. */
export interface PickerRequest {
  readonly parsed: AuthorizationRequest;
  readonly session: SsoSession | undefined;
  /** The person that `login_hint` names. */
  readonly hinted?: Person | undefined;
  readonly problem?: string | undefined;
  readonly typedName?: string | undefined;
}

/** Shows the account picker and stores the request until a person is picked. */
export function showPicker(
  state: EmulatorState,
  picker: PickerRequest,
): Response {
  const { parsed, session, hinted, problem, typedName } = picker;
  const requestId = rememberPending(state, { request: parsed, upn: undefined });
  return showAccountPicker({
    app: parsed.app,
    action: `/${parsed.authority.segment}/login`,
    requestId,
    people: pickable(state, picker),
    signedIn: session?.accounts.map((account) => account.upn) ?? [],
    typedName:
      typedName ?? (hinted === undefined ? parsed.loginHint : undefined),
    problem,
  });
}

/** Handles the account picker's forms. */
export async function handlePick(
  state: EmulatorState,
  request: EmulatorRequest,
): Promise<Response> {
  const requestId = request.form.get("request") ?? "";
  const pending = state.pending.get(requestId);
  if (pending === undefined) return showExpiredPage();
  const parsed = pending.request;
  const session = state.sessions.read(request.ssoToken);
  if (request.form.get("action") === "cancel") {
    state.pending.delete(requestId);
    return sendAnswer(state, parsed, cancelParameters(parsed.state));
  }
  const typedName = request.form.get("upn") ?? "";
  const person = state.directory.findPerson(typedName);
  state.pending.delete(requestId);
  if (person === undefined) {
    const problem =
      "We couldn't find an account with that name. The people below can sign in.";
    return showPicker(state, { parsed, session, problem, typedName });
  }
  return heldOnPage(state, request, () =>
    signInAndContinue(state, request, {
      parsed,
      session,
      person,
      consent: "ask",
    }),
  );
}

/** Handles the consent page's form. */
export async function handleConsent(
  state: EmulatorState,
  request: EmulatorRequest,
): Promise<Response> {
  const requestId = request.form.get("request") ?? "";
  const pending = state.pending.get(requestId);
  const session = state.sessions.read(request.ssoToken);
  if (pending?.upn === undefined || session === undefined)
    return showExpiredPage();
  const { request: parsed, upn } = pending;
  state.pending.delete(requestId);
  if (request.form.get("action") !== "accept") {
    const answer = createErrorAnswer(
      state,
      request.ids,
      new AadstsError(65004),
    );
    return sendAnswer(state, parsed, errorParameters(answer, parsed.state));
  }
  return heldOnPage(state, request, () =>
    completeAfterConsent(state, { parsed, session, upn }),
  );
}

// Errors after a person was picked are shown on a page and never sent to the app.
async function heldOnPage(
  state: EmulatorState,
  request: EmulatorRequest,
  complete: () => Promise<Response>,
): Promise<Response> {
  try {
    return await complete();
  } catch (error) {
    if (!(error instanceof AadstsError)) throw error;
    return showErrorPage(createErrorAnswer(state, request.ids, error));
  }
}

function pickable(
  state: EmulatorState,
  { parsed, session, hinted }: PickerRequest,
): readonly Person[] {
  const admitted = state.directory.people.filter(
    (person) =>
      signInTenant(state.directory, parsed.authority, person) !== undefined,
  );
  if (hinted !== undefined && parsed.prompt !== "select_account")
    return [hinted];
  const isSignedIn = (person: Person): boolean =>
    session?.accounts.some(({ upn }) => upn === person.upn) ?? false;
  return [
    ...admitted.filter(isSignedIn),
    ...admitted.filter((person) => !isSignedIn(person)),
  ];
}
