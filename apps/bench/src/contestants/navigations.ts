import { readJson, readLocation } from "../load/browser.js";
import type { Browser } from "../load/browser.js";
import { authorize } from "../provider/authorization-code.js";
import type { Person } from "../provider/person.js";
import { readText } from "./response-fields.js";

/** Signs in by two navigations. */
export async function signInByNavigations(
  browser: Browser,
  person: Person,
): Promise<void> {
  const login = await browser.get("/auth/login");
  await arrive(browser, readLocation(login), person);
}

/** Signs in at better-auth: a POST from the page, and the callback as navigation. */
export async function signInAtBetterAuth(
  browser: Browser,
  person: Person,
): Promise<void> {
  const response = await browser.postJson("/api/auth/sign-in/social", {
    provider: "microsoft",
    callbackURL: "/",
  });
  await arrive(browser, readText(readJson(response), "url"), person);
}

/** Signs in at Auth.js: the token against CSRF, a form, and the callback as navigation. */
export async function signInAtAuthJs(
  browser: Browser,
  person: Person,
): Promise<void> {
  const csrf = readJson(await browser.get("/auth/csrf"));
  const response = await browser.postForm("/auth/signin/entra", {
    csrfToken: readText(csrf, "csrfToken"),
    callbackUrl: "/",
  });
  await arrive(browser, readLocation(response), person);
}

/** Follows the redirect from the provider. @throws {Error} unless the app leads to its start page. */
async function arrive(
  browser: Browser,
  authorizationUrl: string,
  { index }: Person,
): Promise<void> {
  const { path } = authorize(authorizationUrl, index);
  const location = readLocation(await browser.arrive(path));
  if (
    new URL(location, "http://any").pathname !== "/" ||
    /error/.test(location)
  )
    throw new Error(`The callback leads to ${location}.`);
}
