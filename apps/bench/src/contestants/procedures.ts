import { authorize } from "../provider/authorization-code.js";
import { readJson } from "../load/browser.js";
import type { Browser } from "../load/browser.js";
import type { Person } from "../provider/person.js";
import type { RequestOfSession } from "./contestant.js";
import { readText, requireText } from "./response-fields.js";

/** Signs in at Entrada's procedures by two POSTs. */
export async function signInByProcedures(
  browser: Browser,
  person: Person,
): Promise<void> {
  const login = readJson(await browser.postJson("/trpc/auth.login", {}));
  const { parameters } = authorize(
    readText(login, "result", "data", "authorizationUrl"),
    person.index,
  );
  const callback = readJson(
    await browser.postJson("/trpc/auth.callback", parameters),
  );
  requireText(
    callback,
    ["result", "data", "user", "objectId"],
    person.objectId,
  );
}

const headers = { "x-csrf": "1", "sec-fetch-site": "same-origin" };

export const meProcedure: RequestOfSession = {
  request: { path: "/trpc/auth.me", headers },
  expected: ({ objectId }) => `"objectId":"${objectId}"`,
};

export const greetingProcedure: RequestOfSession = {
  request: { path: "/trpc/workspace.greeting", headers },
  expected: ({ name }) => `"message":"Good to see you, ${name}."`,
};
