import { html } from "./html.js";
import { createPageResponse } from "./page.js";

const SUBMIT = "document.forms[0].submit();";

/** Returns the page that posts an authorization response to the app: by JavaScript, or by a button. */
export function showFormPostPage(
  redirectUri: string,
  parameters: readonly (readonly [string, string])[],
  headers: Readonly<Record<string, string>>,
): Response {
  const fields = parameters.map(
    ([name, value]) =>
      html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  const content = html` <h1>Working...</h1>
    <form method="post" action="${redirectUri}" name="hiddenform">
      ${fields}
      <p>If the app does not open, continue here.</p>
      <div class="actions">
        <button class="button primary" data-test="continue">Continue</button>
      </div>
    </form>`;
  return createPageResponse(
    { title: "Working...", content, script: SUBMIT },
    headers,
  );
}
