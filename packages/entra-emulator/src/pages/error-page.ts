import type { ErrorAnswer } from "../protocol/error-answer.js";
import { html } from "./html.js";
import { createPageResponse } from "./page.js";

/** Shows an error that must not be sent to the app. As at Entra ID, the page's HTTP status is 200. */
export function showErrorPage(
  answer: ErrorAnswer,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const content = html` <h1>Sign in</h1>
    <p>Sorry, but we're having trouble signing you in.</p>
    <p
      class="alert identifier"
      role="alert"
      data-test="error"
      data-code="${answer.code}"
    >
      ${answer.text}
    </p>
    <h2>Troubleshooting details</h2>
    <dl>
      <dt>Request Id</dt>
      <dd>${answer.traceId}</dd>
      <dt>Correlation Id</dt>
      <dd>${answer.correlationId}</dd>
      <dt>Timestamp</dt>
      <dd>${answer.timestamp}</dd>
      <dt>Message</dt>
      <dd>${answer.text}</dd>
    </dl>`;
  const head = html`<meta name="error-code" content="${answer.code}" /><meta
      name="http-error-code"
      content="400"
    />`;
  return createPageResponse(
    { title: "Sign in to your account", content, head },
    headers,
  );
}

/** Shows that the request of a form has expired or is unknown. */
export function showExpiredPage(): Response {
  const content = html` <h1>This sign-in has expired</h1>
    <p role="alert" data-test="expired">
      Go back to the app and sign in again.
    </p>`;
  return createPageResponse({ title: "Sign-in expired", content });
}
