import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import {
  getSession,
  requireBearer,
  requireSession,
  toNodeHandler,
} from "../../../src/node.js";
import { bearerOptions } from "./bearer-options.js";
import type { HostParts, HostUnderTest } from "./host-app.js";
import { fabrikamId } from "./tenants.js";

/** `node:http`. */
export const nodeHost: HostUnderTest = {
  name: "node:http",
  createListener: (parts) => {
    const { auth, basePath, cors, before } = parts;
    const handler = toNodeHandler(auth, (req, res) => handle(parts, req, res), {
      basePath,
      cors,
    });
    return async (req, res) => {
      if (before === "cookie") res.setHeader("set-cookie", "theme=dark");
      if (before === "startedResponse")
        res.appendHeader("set-cookie", "theme=dark");
      if (before === "formParser")
        Object.assign(req, {
          body: Object.fromEntries(new URLSearchParams(await text(req))),
        });
      if (before === "rawBodyReader") await text(req);
      handler(req, res);
    };
  },
  parts: ["formParser", "rawBodyReader", "cookie", "startedResponse"],
  decodesPaths: false,
  canMount: false,
};

const requirements: Readonly<
  Record<string, Parameters<typeof requireSession>[3]>
> = {
  "/reports": {},
  "/admin": { role: "Admin" },
  "/auditors": { roles: ["Auditor", "Admin"] },
  "/fabrikam": { tenant: fabrikamId },
};

const bearerRequirements: Readonly<
  Record<string, Parameters<typeof requireBearer>[3]>
> = bearerOptions;

async function handle(
  { auth, record }: HostParts,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { url = "" } = req;
  const path = url.startsWith("//") ? url : new URL(url, "http://any").pathname;
  const respond = (status: number, body: unknown) => {
    record(url);
    res.statusCode = status;
    res.setHeader("content-type", "application/json");
    res.end(JSON.stringify(body));
  };
  const requirement = requirements[path];
  if (requirement !== undefined) {
    const active = await requireSession(auth, req, res, requirement);
    if (active === undefined) return;
    return respond(200, path === "/reports" ? active.user : active.session);
  }
  const options = bearerRequirements[path];
  if (options !== undefined) {
    const bearer = await requireBearer(auth, req, res, options);
    return bearer === undefined ? undefined : respond(200, bearer);
  }
  if (path.startsWith("/forgotten"))
    throw new Error("The guard was forgotten.");
  if (path !== "/" && path !== "/open") return respond(404, { own: true });
  const active = await getSession(auth, req);
  const form = new URLSearchParams(path === "/open" ? await text(req) : "");
  const note = form.get("note") ?? undefined;
  respond(200, { name: active?.user.name ?? null, note });
}
