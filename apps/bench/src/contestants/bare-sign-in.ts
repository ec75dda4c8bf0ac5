import { authorize } from "../provider/authorization-code.js";
import { readJson } from "../load/browser.js";
import type { Browser } from "../load/browser.js";
import type { Person } from "../provider/person.js";
import { readText, requireText } from "./response-fields.js";

/** Signs in at `bare` by two POSTs. */
export async function signInAtBare(
  browser: Browser,
  person: Person,
): Promise<void> {
  const started = readJson(await browser.postJson("/start", {}));
  const { parameters } = authorize(
    readText(started, "authorizationUrl"),
    person.index,
  );
  const callback = readJson(await browser.postJson("/callback", parameters));
  requireText(callback, ["user", "objectId"], person.objectId);
}
