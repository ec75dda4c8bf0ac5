import type { AppRegistration, Person } from "../directory/directory.js";
import { describeScope } from "../directory/scope-descriptions.js";
import { html } from "./html.js";
import { createPageResponse } from "./page.js";

/** The content of the consent page. */
export interface ConsentPage {
  readonly app: AppRegistration;
  readonly person: Person;
  readonly action: string;
  readonly requestId: string;
  /** Full names of the scopes to consent to. */
  readonly scopes: readonly string[];
}

/** Shows the consent page. */
export function showConsentPage(
  { app, person, action, requestId, scopes }: ConsentPage,
  cookie: string,
): Response {
  const permissions = scopes
    .map(describeScope)
    .map(
      ({ title, text }) =>
        html`<li>
          <strong>${title}</strong><span class="quiet">${text}</span>
        </li>`,
    );
  const content = html` <p class="identifier">${person.upn}</p>
    <h1>Permissions requested</h1>
    <p><strong>${app.displayName ?? app.clientId}</strong></p>
    <p class="quiet">Unverified: no publisher has been verified for this app</p>
    <h2>This app would like to:</h2>
    <ul class="permissions">
      ${permissions}
    </ul>
    <p class="quiet">
      Accepting these permissions means that you allow this app to use your data
      as specified in its terms of service and privacy statement. You can take
      them back at any time.
    </p>
    <form method="post" action="${action}">
      <input type="hidden" name="request" value="${requestId}" />
      <div class="actions">
        <button
          class="button"
          name="action"
          value="cancel"
          data-test="consent-cancel"
        >
          Cancel
        </button>
        <button
          class="button primary"
          name="action"
          value="accept"
          data-test="consent-accept"
        >
          Accept
        </button>
      </div>
    </form>`;
  return createPageResponse(
    { title: "Permissions requested", content },
    { "Set-Cookie": cookie },
  );
}
