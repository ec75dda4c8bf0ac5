import { createHash } from "node:crypto";
import { type Html, html, trustedHtml } from "./html.js";
import { pageStyle } from "./page-style.js";

/** A page of the emulator. */
export interface Page {
  readonly title: string;
  readonly content: Html;
  /** A script of this package; the Content Security Policy allows it by its hash. */
  readonly script?: string | undefined;
  /** Origins that the page may show in frames. */
  readonly frameSources?: readonly string[] | undefined;
  /** Elements for the document's head. */
  readonly head?: Html | undefined;
}

const LOGO = html`<svg
  width="21"
  height="21"
  viewBox="0 0 21 21"
  aria-hidden="true"
>
  <path fill="#f25022" d="M1 1h9v9H1z" />
  <path fill="#7fba00" d="M11 1h9v9h-9z" />
  <path fill="#00a4ef" d="M1 11h9v9H1z" />
  <path fill="#ffb900" d="M11 11h9v9h-9z" />
</svg>`;

/** Returns a page as an HTTP response that is not cached and cannot be framed. */
export function createPageResponse(
  page: Page,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(renderPage(page), {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store, no-cache",
      Pragma: "no-cache",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
      "Content-Security-Policy": contentSecurityPolicy(page),
      ...headers,
    },
  });
}

/** Returns a person's initials for the avatar. */
export function initials(name: string): string {
  const words = name
    .replace(/\(.*\)/, "")
    .trim()
    .split(/\s+/);
  return [words.at(0), words.length > 1 ? words.at(-1) : undefined]
    .map((word) => word?.at(0) ?? "")
    .join("");
}

function renderPage({ title, content, script, head }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${element("style", pageStyle)} ${head}
      </head>
      <body>
        <main>
          <div class="brand">${LOGO}<span>Microsoft</span></div>
          ${content}
        </main>
        <footer>
          Local Entra ID emulator for development. This is not Microsoft; it
          asks for no password.
        </footer>
        ${script === undefined ? undefined : element("script", script)}
      </body>
    </html> `.html;
}

// The template would collapse whitespace, but the text must match its hash exactly.
function element(name: "style" | "script", text: string): Html {
  return trustedHtml(`<${name}>${text}</${name}>`);
}

// No `form-action`: browsers also apply it to redirects after a form is sent, which lead to the app and beyond.
function contentSecurityPolicy({ script, frameSources = [] }: Page): string {
  return [
    "default-src 'none'",
    `style-src ${hashSource(pageStyle)}`,
    script === undefined
      ? "script-src 'none'"
      : `script-src ${hashSource(script)}`,
    "img-src data:",
    frameSources.length === 0
      ? "frame-src 'none'"
      : `frame-src ${frameSources.join(" ")}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function hashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
