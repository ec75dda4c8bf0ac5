import { createHash } from "node:crypto";
import type { AuthError, AuthErrorCode } from "../../core/error.js";

/** A failed sign-in or sign-out by navigation, as a page shows it. */
export interface FailedNavigation {
  /** Its message is safe to show. Escape it. */
  readonly error: AuthError;
  /** The HTTP status of the response. */
  readonly status: number;
  /**
   * The link of "Try again": a new sign-in that returns to the requested page, or the empty string for the same
   * address, where the same callback may succeed later. `undefined` if no link can repeat the request, such as a
   * sign-out.
   */
  readonly tryAgainUrl: string | undefined;
  readonly startPage: string;
}

const style = `
:root { color-scheme: light dark; --page: #f5f5f5; --card: #fff; --text: #1b1b1b; --quiet: #5c5c5c; --line: #d6d6d6; --accent: #0f6cbd; --on-accent: #fff }
@media (prefers-color-scheme: dark) { :root { --page: #141414; --card: #1f1f1f; --text: #f2f2f2; --quiet: #b0b0b0; --line: #454545; --accent: #62abf5; --on-accent: #0b1a2a } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--page); color: var(--text); font: 1rem/1.5 "Segoe UI", system-ui, sans-serif }
main { width: 100%; max-width: 28rem; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; overflow-wrap: anywhere }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; font-weight: 600 }
p { margin: 0 0 1rem }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0 0 }
a { display: inline-block; padding: .5rem 1.25rem; border: 1px solid var(--line); border-radius: 4px; color: var(--text); text-decoration: none }
a.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600 }
a:hover { text-decoration: underline }
a:focus-visible { outline: 2px solid var(--text); outline-offset: 2px }
.details { margin: 1.5rem 0 0; color: var(--quiet); font-size: .8125rem }
`;
const navigationScript = "location.replace(document.links[0].href)";

/** A link that looks like a button. */
interface Action {
  readonly label: string;
  readonly href: string;
}

interface Page {
  readonly status?: number | undefined;
  readonly title: string;
  readonly text: string;
  readonly actions: readonly Action[];
  readonly details?: string | undefined;
  /** Whether the page navigates to its first link at once. */
  readonly navigates?: boolean | undefined;
}

/**
 * Creates the page on which a visitor confirms a sign-in. The button is a link: the policy `form-action` also applies
 * to redirects after a form is submitted, and the next address redirects to the identity provider.
 */
export function createConfirmationPage(
  startUrl: string,
  text: string,
  headers: Headers,
): Response {
  return createPage(
    {
      title: "Sign in",
      text,
      actions: [{ label: "Sign in", href: startUrl }],
    },
    headers,
  );
}

/**
 * Creates the page that navigates to the address at once, with and without script. A redirect is not possible: the
 * response to a form may redirect only to the origins that the policy `form-action` of the form's page allows.
 */
export function createNavigationPage(
  title: string,
  url: string,
  headers: Headers,
): Response {
  return createPage(
    {
      title,
      text: "You are being taken to your organization's sign-in service.",
      actions: [{ label: "Continue", href: url }],
      navigates: true,
    },
    headers,
  );
}

const failureTitles: Readonly<Partial<Record<AuthErrorCode, string>>> = {
  admin_consent_returned: "An administrator responded to the consent request",
  rate_limited: "Too many attempts",
};

/** Creates the page of a failed sign-in or sign-out: the message for the visitor and the code for the developer. */
export function createFailurePage(
  { error, status, tryAgainUrl, startPage }: FailedNavigation,
  headers: Headers,
): Response {
  const { code, message, provider } = error;
  const details = [code, provider?.aadsts, provider?.traceId].filter(
    (detail) => detail !== undefined,
  );
  const start = { label: "Go to the start page", href: startPage };
  return createPage(
    {
      status,
      title: failureTitles[code] ?? chooseTitle(status, tryAgainUrl),
      text: message,
      actions:
        tryAgainUrl === undefined
          ? [start]
          : [{ label: "Try again", href: tryAgainUrl }, start],
      details: details.join(", "),
    },
    headers,
  );
}

function chooseTitle(status: number, tryAgainUrl: string | undefined): string {
  if (status === 404) return "Page not found";
  return tryAgainUrl === undefined
    ? "The request did not work"
    : "The sign-in did not work";
}

function createPage(page: Page, headers: Headers): Response {
  const { status = 200, title, text, navigates = false } = page;
  const scripts = navigates ? [navigationScript] : [];
  headers.set("content-type", "text/html; charset=utf-8");
  headers.set("cache-control", "no-store");
  headers.set("content-security-policy", createPolicy(scripts));
  const [next] = page.actions;
  const refresh =
    navigates && next !== undefined
      ? `<noscript><meta http-equiv="refresh" content="0; url=${escape(next.href)}"></noscript>`
      : "";
  const head =
    `<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
    `<title>${escape(title)}</title><style>${style}</style>${refresh}`;
  const body =
    `<main><h1>${escape(title)}</h1><p>${escape(text)}</p>` +
    `<p class="actions">${page.actions.map(formatAction).join("")}</p>` +
    `${page.details === undefined ? "" : `<p class="details">${escape(page.details)}</p>`}</main>` +
    scripts.map((script) => `<script>${script}</script>`).join("");
  return new Response(
    `<!doctype html><html lang="en"><head>${head}</head><body>${body}</body></html>`,
    { status, headers },
  );
}

function createPolicy(scripts: readonly string[]): string {
  return [
    "default-src 'none'",
    `style-src ${formatHash(style)}`,
    ...scripts.map((script) => `script-src ${formatHash(script)}`),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function formatHash(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function formatAction({ label, href }: Action, index: number): string {
  return `<a${index === 0 ? ' class="primary"' : ""} href="${escape(href)}">${escape(label)}</a>`;
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
