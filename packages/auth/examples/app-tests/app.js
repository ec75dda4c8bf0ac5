// A small app: a start page, and a page for administrators.
import { once } from "node:events";
import { createServer } from "node:http";
import { requireSession, toNodeHandler } from "@entrada/auth/node";
import { auth } from "./auth.js";

await auth.ready();
const handler = toNodeHandler(auth, async (req, res) => {
  if (req.url !== "/admin") return res.end("Welcome");
  const active = await requireSession(auth, req, res, { role: "Admin" });
  if (active !== undefined) res.end(`Reports for ${active.user.name}`);
});

export const server = createServer(handler).listen(
  Number(process.env.PORT),
  "localhost",
);
await once(server, "listening");
