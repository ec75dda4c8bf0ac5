import type { Person } from "../directory/directory.js";
import { html } from "./html.js";
import { accountButton } from "./account-picker.js";
import { createPageResponse } from "./page.js";

/** The content of the page with the accounts to sign out. */
export interface SignOutPicker {
  readonly action: string;
  readonly people: readonly Person[];
  /** Parameters of the sign-out request that the form repeats. */
  readonly parameters: readonly (readonly [string, string])[];
}

/** Shows the accounts to sign out. */
export function showSignOutPicker({
  action,
  people,
  parameters,
}: SignOutPicker): Response {
  const fields = parameters.map(
    ([name, value]) =>
      html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  const items = people.map(
    (person) =>
      html`<li>
        ${accountButton(person, person.note ?? "", "sign-out-account")}
      </li>`,
  );
  const content = html` <h1>Pick an account</h1>
    <p>Which account do you want to sign out of?</p>
    <form method="post" action="${action}">
      ${fields}
      <ul class="accounts">
        ${items}
      </ul>
    </form>`;
  return createPageResponse({ title: "Sign out", content });
}

/** The content of the signed-out page. */
export interface SignedOutPage {
  /** Front-channel logout URLs to load in hidden frames. */
  readonly frames: readonly string[];
  /** The URL to open after they have loaded. */
  readonly next: string | undefined;
}

const FOLLOW =
  'addEventListener("load", () => location.replace(document.querySelector("[data-test=continue]").href));';

/** Shows that the person is signed out, loads the apps' front-channel logout URLs, and continues to `next`. */
export function showSignedOutPage(
  { frames, next }: SignedOutPage,
  headers: Readonly<Record<string, string>>,
): Response {
  const iframes = frames.map(
    (url) =>
      html`<iframe
        src="${url}"
        title="Signing out of an app"
        aria-hidden="true"
        data-test="front-channel"
      ></iframe>`,
  );
  const link =
    next === undefined
      ? undefined
      : html`<div class="actions">
          <a class="button primary" href="${next}" data-test="continue"
            >Continue</a
          >
        </div>`;
  const content = html` <h1>You signed out of your account</h1>
    <p>It's a good idea to close all browser windows.</p>
    ${link} ${iframes}`;
  const head =
    next === undefined
      ? undefined
      : html`<meta http-equiv="refresh" content="3;url=${next}" />`;
  const frameSources = [...new Set(frames.map((url) => new URL(url).origin))];
  const script = next === undefined ? undefined : FOLLOW;
  return createPageResponse(
    { title: "Signed out", content, head, frameSources, script },
    headers,
  );
}
