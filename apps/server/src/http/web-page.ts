import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import type { Auth } from "@entrada/auth";
import { createPageHeaders } from "@entrada/auth/http";
import type { SecuritySettings } from "@entrada/auth/http";

/** What the page of the web app needs to know of the server. */
export type WebAppSettings = SecuritySettings & Pick<Auth, "appUrl">;

/** The web app's page for one response. */
export interface WebPage {
  readonly headers: Readonly<Record<string, string>>;
  readonly html: string;
}

const nonceBytes = 16;
const noncePlaceholder = "__CSP_NONCE__";
const appUrlPlaceholder = "__APP_URL__";

/**
 * A path of lower-case words that is neither the server's nor a file's: `URL` would not change it. The query is the
 * page's own.
 */
const plainPagePath =
  /^\/(?!(?:trpc|healthz|readyz)(?![a-z-])|auth\/(?:front|back)-channel-logout)[a-z/-]*(?:\?|$)/;
const plainHost = /^[a-z0-9.-]+(?::\d{1,5})?$/;

/**
 * Reads the page and its headers. The returned function creates the page for one response, with a new nonce: it is valid
 * for one response, so the page is not cached.
 *
 * @throws {Error} if the folder contains no built web app.
 */
export function readWebPage(
  webRoot: string,
  settings: WebAppSettings,
): () => WebPage {
  const { pathname } = new URL(settings.appUrl);
  // The addresses in the built page are relative, and the page is served for every path of the app.
  const html = readFileSync(join(webRoot, "index.html"), "utf8")
    .replaceAll(appUrlPlaceholder, settings.appUrl)
    .replaceAll('="./', `="${pathname.replace(/\/$/, "")}/`);
  const headers = createPageHeaders({ settings, styleNonce: noncePlaceholder });
  const policyName = "content-security-policy";
  const policy = headers[policyName] ?? "";
  return () => {
    const nonce = randomBytes(nonceBytes).toString("base64");
    return {
      headers: {
        ...headers,
        [policyName]: policy.replace(noncePlaceholder, nonce),
        "cache-control": "no-store",
        "content-type": "text/html; charset=UTF-8",
      },
      html: html.replaceAll(noncePlaceholder, nonce),
    };
  };
}

/** Returns whether a request certainly is for the page. Others may be, and are routed by their parsed URL. */
export function isForPage({ method, url, headers }: IncomingMessage): boolean {
  return (
    method === "GET" &&
    plainPagePath.test(url ?? "") &&
    plainHost.test(headers.host ?? "")
  );
}
