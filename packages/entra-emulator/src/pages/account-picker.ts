import type { AppRegistration, Person } from "../directory/directory.js";
import { type Html, html } from "./html.js";
import { createPageResponse, initials } from "./page.js";

/** The content of the account picker. */
export interface AccountPicker {
  readonly app: AppRegistration;
  /** The URL of its forms. */
  readonly action: string;
  readonly requestId: string;
  readonly people: readonly Person[];
  /** UPNs that have a session in this browser. */
  readonly signedIn: readonly string[];
  /** The prefilled name below "Use another account". */
  readonly typedName?: string | undefined;
  /** The error of the last attempt. */
  readonly problem?: string | undefined;
}

/** Shows the account picker. */
export function showAccountPicker(picker: AccountPicker): Response {
  const { app, action, requestId, people, typedName, problem } = picker;
  const content = html` <h1>Pick an account</h1>
    <p>to continue to <strong>${app.displayName ?? app.clientId}</strong></p>
    ${problem === undefined ? undefined : html`<p class="alert" role="alert" data-test="problem">${problem}</p>`}
    <form method="post" action="${action}" aria-label="Accounts">
      <input type="hidden" name="request" value="${requestId}" />
      <ul class="accounts">
        ${people.map((person) => accountItem(person, picker.signedIn.includes(person.upn)))}
      </ul>
    </form>
    <details ${problem === undefined ? undefined : html`open`}>
      <summary data-test="use-another-account">Use another account</summary>
      <form method="post" action="${action}" aria-label="Another account">
        <input type="hidden" name="request" value="${requestId}" />
        <label for="another">Email address or user name</label>
        <input
          id="another"
          name="upn"
          type="text"
          inputmode="email"
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          required
          maxlength="200"
          value="${typedName ?? ""}"
          data-test="another-account-name"
        />
        <div class="actions">
          <button class="button primary" data-test="another-account-next">
            Next
          </button>
        </div>
      </form>
    </details>
    <form method="post" action="${action}" aria-label="Cancel">
      <input type="hidden" name="request" value="${requestId}" />
      <div class="actions">
        <button class="button" name="action" value="cancel" data-test="cancel">
          Cancel
        </button>
      </div>
    </form>`;
  return createPageResponse({ title: "Sign in to your account", content });
}

/** Renders an account as a button with the person's name and UPN. */
export function accountButton(
  person: Person,
  hint: string,
  hook: string,
): Html {
  return html`<button
    class="account"
    name="upn"
    value="${person.upn}"
    data-test="${hook}"
    data-upn="${person.upn}"
  >
    <span class="avatar" aria-hidden="true">${initials(person.name)}</span>
    <span
      ><span class="name">${person.name}</span>
      <span class="identifier">${person.upn}</span>
      <span class="quiet">${hint}</span></span
    >
  </button>`;
}

function accountItem(person: Person, isSignedIn: boolean): Html {
  const note = person.note ?? "";
  return html`<li>
    ${accountButton(person, isSignedIn ? `Signed in. ${note}` : note, "account")}
  </li>`;
}
