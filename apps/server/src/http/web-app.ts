import { extname } from "node:path";
import { createCommonHeaders } from "@entrada/auth/http";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import type { Context } from "hono";
import { readWebPage } from "./web-page.js";
import type { WebAppSettings } from "./web-page.js";

const hashedPath = /^\/assets\//;
const forever = "public, max-age=31536000, immutable";

/**
 * Serves the built web app: its files, and its page for every other path, because the app's own router handles those.
 *
 * @throws {Error} if the folder contains no built web app.
 */
export function createWebApp(webRoot: string, settings: WebAppSettings): Hono {
  const createPage = readWebPage(webRoot, settings);
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
  const servePage = (context: Context) => {
    const { html, headers } = createPage();
    return context.body(html, 200, headers);
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
