import type express5 from "express";
import type { Request, RequestHandler } from "express";
import {
  authMiddleware,
  bearerOf,
  requireBearer,
  requireSession,
  sessionOf,
} from "../../../src/express.js";
import { bearerOptions } from "./bearer-options.js";
import type { HostParts, HostPart, HostUnderTest } from "./host-app.js";
import { fabrikamId } from "./tenants.js";

/** Describes Express in one of its versions. */
export function describeExpress(
  name: string,
  express: typeof express5,
): HostUnderTest {
  return {
    name,
    createListener: (parts) => createApp(express, parts),
    parts: ["formParser", "rawBodyReader", "cookie", "startedResponse"],
    decodesPaths: false,
    canMount: true,
  };
}

function createApp(
  express: typeof express5,
  parts: HostParts,
): express5.Express {
  const { before, after, isMounted = false } = parts;
  const root = express();
  const formParser = express.urlencoded({ extended: false });
  const first: Readonly<Record<HostPart, RequestHandler>> = {
    formParser,
    rawBodyReader: (req, _res, next) => {
      req.resume().on("end", () => next());
    },
    cookie: (_req, res, next) => {
      res.cookie("theme", "dark");
      next();
    },
    startedResponse: (_req, res, next) => {
      res.append("set-cookie", "theme=dark");
      next();
    },
  };
  if (before !== undefined) root.use(first[before]);
  const app = isMounted ? express() : root;
  addRoutes(app, parts, after === undefined ? [] : [formParser]);
  if (isMounted) root.use("/api", app);
  root.use((req, res) => {
    parts.record(req.originalUrl);
    res.status(404).json({ own: true });
  });
  return root;
}

function addRoutes(
  app: express5.Express,
  { auth, basePath, cors, record }: HostParts,
  parsers: readonly RequestHandler[],
): void {
  app.use(authMiddleware(auth, { basePath, cors }));
  for (const parser of parsers) app.use(parser);
  const respond =
    (format: (req: Request) => unknown): RequestHandler =>
    (req, res) => {
      record(req.originalUrl);
      res.json(format(req));
    };
  const session = respond((req) => sessionOf(req).session);
  app.get(
    "/",
    respond((req) => ({ name: req.auth?.user.name ?? null })),
  );
  const reports = respond((req) => sessionOf(req).user);
  app.get("/reports", requireSession(), reports);
  app.post("/reports", requireSession(), reports);
  app.get("/admin", requireSession({ role: "Admin" }), session);
  const auditors = { roles: ["Auditor", "Admin"] };
  app.get("/auditors", requireSession(auditors), session);
  app.get("/fabrikam", requireSession({ tenant: fabrikamId }), session);
  app.get("/forgotten", session);
  const bearer = respond((req) => bearerOf(req));
  for (const [path, options] of Object.entries(bearerOptions))
    app.get(path, requireBearer(options), bearer);
  app.post(
    "/orders",
    requireBearer(bearerOptions["/orders"]),
    respond((req) => req.bearer),
  );
  app.get("/forgotten-orders", bearer);
  app.post(
    "/open",
    respond((req) => ({
      name: req.auth?.user.name ?? null,
      note: req.body?.note,
    })),
  );
}
