import { expect, test } from "@playwright/test";
import { signInAs } from "@entrada/auth/testing";
import { auth } from "../auth.js";

test.afterAll(() => auth.close());

test("Ada reads her reports", async ({ context, page }) => {
  const ada = await signInAs(auth, { name: "Ada", roles: ["Admin"] });
  await context.addCookies(ada.cookies);
  await page.goto("/admin");
  await expect(page.locator("body")).toHaveText("Reports for Ada");
});

test("Ada signs in at the identity provider and returns to her reports", async ({
  page,
}) => {
  await page.goto("/admin");
  await page.locator("[data-upn='ada@contoso.com']").click();
  await expect(page.locator("body")).toContainText("Reports for Ada");
});
