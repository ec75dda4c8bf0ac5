import { builtInPeople } from "@entrada/entra-emulator";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startSite } from "../support/site.js";
import type { Site } from "../support/site.js";
import type { Visitor } from "../support/visitor.js";

const { ada } = builtInPeople;

let site: Site;
let visitor: Visitor;

beforeAll(async () => {
  site = await startSite();
  visitor = site.createVisitor();
  await visitor.signIn(ada.upn);
});

afterAll(async () => {
  await site?.stop();
});

/** Returns the response without the headers that depend on the connection or the time. */
async function ask(path: string, headers: Readonly<Record<string, string>>) {
  const response = await visitor.browser.fetch(`${site.origin}${path}`, {
    headers,
  });
  const transport = ["connection", "content-length", "date", "keep-alive"];
  return {
    status: response.status,
    headers: [...response.headers].filter(
      ([name]) => !transport.includes(name) && name !== "transfer-encoding",
    ),
    body: await response.json(),
  };
}

// With a trailing slash the request reaches the procedure. Without it, the front listener responds.
it.each<[string, Readonly<Record<string, string>>]>([
  ["signed in", { "x-csrf": "1" }],
  ["signed out", { "x-csrf": "1", cookie: "session=none" }],
  ["without x-csrf", {}],
  [
    "from another origin",
    { "x-csrf": "1", origin: "https://elsewhere.example" },
  ],
  ["from a same-site origin", { "x-csrf": "1", "sec-fetch-site": "same-site" }],
])(
  "the front listener responds to auth.me as the procedure does: %s",
  async (_, headers) => {
    const front = await ask("/trpc/auth.me", headers);
    const procedure = await ask("/trpc/auth.me/", headers);

    expect(front).toEqual(procedure);
  },
);
