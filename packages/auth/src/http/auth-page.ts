import { createHash } from "node:crypto";
import type { CallbackParameters } from "../core/callback.js";
import { toFailure } from "../core/error.js";
import { toStatus } from "./error-response.js";

const submitScript = "document.forms[0].submit()";
// Without the fragment, with which it would stay on this page.
const reloadScript = "location.replace(location.pathname + location.search)";

/**
 * Answers the page that asks for its own address again, now from our own site, where the browser sends the cookies along.
 * The page itself holds nothing of the callback, and leaves no second entry in the history.
 */
export function createReloadPage(headers: Headers): Response {
  const body = `<p><a href="">Continue</a></p><script>${reloadScript}</script>`;
  return createPage(
    200,
    `default-src 'none'; ${allowScript(reloadScript)}; base-uri 'none'; frame-ancestors 'none'`,
    "Signing you in…",
    body,
    headers,
  );
}

/**
 * Answers the page that posts a posted callback (`response_mode=form_post`) once more, from our own site. Our own
 * authorization requests ask for the query; this is for whoever asks for the other.
 */
export function createRepostPage(
  parameters: CallbackParameters,
  path: string,
  headers: Headers,
): Response {
  const fields = Object.entries(parameters).flatMap(([name, value]) =>
    [value ?? []]
      .flat()
      .map(
        (text) =>
          `<input type="hidden" name="${escape(name)}" value="${escape(text)}">`,
      ),
  );
  const policy = `default-src 'none'; ${allowScript(submitScript)}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
  return createPage(
    200,
    policy,
    "Signing you in…",
    `<form method="post" action="${escape(path)}">${fields.join("")}<noscript><button>Continue</button></noscript></form>` +
      `<script>${submitScript}</script>`,
    headers,
  );
}

function allowScript(script: string): string {
  return `script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`;
}

/** Answers the page that explains a failed sign-in to the visitor, and its code to the developer. */
export function createFailurePage(error: unknown, origin: string): Response {
  const { code, message, provider, retryAfterSeconds } = toFailure(error);
  const details = [code, provider?.aadsts, provider?.traceId]
    .filter((detail) => detail !== undefined)
    .join(", ");
  const headers = new Headers(
    retryAfterSeconds === undefined
      ? {}
      : { "retry-after": String(retryAfterSeconds) },
  );
  return createPage(
    toStatus(code),
    "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "The sign-in did not work",
    `<p>${escape(message)}</p><p><a href="${escape(origin)}/">Go to the start page</a></p><p><small>${escape(details)}</small></p>`,
    headers,
  );
}

function createPage(
  status: number,
  policy: string,
  title: string,
  body: string,
  headers: Headers,
): Response {
  headers.set("content-type", "text/html; charset=utf-8");
  headers.set("cache-control", "no-store");
  headers.set("content-security-policy", policy);
  const head = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${escape(title)}</title>`;
  return new Response(
    `${head}<main><h1>${escape(title)}</h1>${body}</main></html>`,
    { status, headers },
  );
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
