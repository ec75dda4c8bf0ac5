import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { createCommonHeaders, createPageHeaders } from "@entrada/auth/http";
import type { Auth } from "@entrada/auth";
import type { SecuritySettings } from "@entrada/auth/http";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import type { Context } from "hono";

const page = "index.html";
const noncePlaceholder = "__CSP_NONCE__";
const appUrlPlaceholder = "__APP_URL__";
const hashedPath = /^\/assets\//;
const forever = "public, max-age=31536000, immutable";

/**
 * Makes the part of the server that hands out the built web app: its files, and its page for every address that is not a
 * file's, because the app's own router knows its pages.
 *
 * @throws {Error} if the folder holds no built web app.
 */
export function createWebApp(
  webRoot: string,
  settings: SecuritySettings & Pick<Auth, "appUrl">,
): Hono {
  const html = readFileSync(join(webRoot, page), "utf8").replaceAll(
    appUrlPlaceholder,
    settings.appUrl,
  );
  const commonHeaders = Object.entries(createCommonHeaders(settings));
  const app = new Hono();
  app.get(
    "/*",
    async (context, next) => {
      for (const [name, value] of commonHeaders) context.header(name, value);
      await next();
    },
    async (context, next) =>
      isFilePath(context.req.path)
        ? answerFile(context, next)
        : answerPage(context),
    (context) =>
      context.text("There is no such file.", 404, {
        "cache-control": "no-store",
      }),
  );

  const answerFile = serveStatic({
    root: webRoot,
    precompressed: true,
    onFound: (_file, context) =>
      context.header(
        "cache-control",
        hashedPath.test(context.req.path) ? forever : "no-cache",
      ),
  });
  // A nonce is good for one answer, so the page is never stored; it is small, and everything else is.
  const answerPage = (context: Context) => {
    const styleNonce = randomBytes(16).toString("base64");
    const headers = createPageHeaders({ settings, styleNonce });
    return context.html(html.replaceAll(noncePlaceholder, styleNonce), 200, {
      ...headers,
      "cache-control": "no-store",
    });
  };
  return app;
}

/** Makes what stands there in development, where Vite serves the web app. */
export function createDevelopmentWebApp(appUrl: string): Hono {
  const app = new Hono();
  app.get("/*", (context) =>
    context.text(
      `This is the server alone. In development the web app is at ${appUrl}`,
      404,
      {
        "cache-control": "no-store",
      },
    ),
  );
  return app;
}

function isFilePath(path: string): boolean {
  const extension = extname(path);
  return extension !== "" && extension !== ".html";
}
