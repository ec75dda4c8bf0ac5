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
 * Serves the built web app: its files, and its page for every other path, because the app's own router handles those.
 *
 * @throws {Error} if the folder contains no built web app.
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
        ? serveFile(context, next)
        : servePage(context),
    (context) =>
      context.text("File not found.", 404, {
        "cache-control": "no-store",
      }),
  );

  const serveFile = serveStatic({
    root: webRoot,
    precompressed: true,
    onFound: (_file, context) =>
      context.header(
        "cache-control",
        hashedPath.test(context.req.path) ? forever : "no-cache",
      ),
  });
  // A nonce is valid for one response, so the page is not cached.
  const servePage = (context: Context) => {
    const styleNonce = randomBytes(16).toString("base64");
    const headers = createPageHeaders({ settings, styleNonce });
    return context.html(html.replaceAll(noncePlaceholder, styleNonce), 200, {
      ...headers,
      "cache-control": "no-store",
    });
  };
  return app;
}

/** Responds to page requests in development, where Vite serves the web app. */
export function createDevelopmentWebApp(appUrl: string): Hono {
  const app = new Hono();
  app.get("/*", (context) =>
    context.text(
      `This is the API server. In development the web app is at ${appUrl}`,
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
