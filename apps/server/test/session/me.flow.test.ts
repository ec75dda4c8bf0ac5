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

/** What an answer says, without what differs from one connection and moment to the next. */
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

// With a slash at its end the address is the same procedure's, and not the one that is answered in front of it.
it.each<[string, Readonly<Record<string, string>>]>([
  ["for somebody who is signed in", { "x-csrf": "1" }],
  ["for nobody", { "x-csrf": "1", cookie: "session=none" }],
  ["without the header", {}],
  [
    "from another origin",
    { "x-csrf": "1", origin: "https://elsewhere.example" },
  ],
  ["from a sibling site", { "x-csrf": "1", "sec-fetch-site": "same-site" }],
])("auth.me answers in front of tRPC as through it: %s", async (_, headers) => {
  const front = await ask("/trpc/auth.me", headers);
  const procedure = await ask("/trpc/auth.me/", headers);

  expect(front).toEqual(procedure);
});
