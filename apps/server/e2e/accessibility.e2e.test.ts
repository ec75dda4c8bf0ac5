import { builtInPeople } from "@entrada/entra-emulator";
import { describe, expect, it } from "vitest";
import { findBarriers, findSmallTargets } from "./support/accessibility.js";
import { longAgo, useEntrada } from "./support/entrada.js";
import {
  accountMenu,
  answer,
  dialog,
  heading,
  startSignIn,
  waitUntilSignedOut,
} from "./support/steps.js";

const { ada, ben } = builtInPeople;

/** The error of an API whose Conditional Access policy requires another sign-in. No API of the app has such a policy. */
const interactionRequired = {
  error: {
    message: "The account must sign in again.",
    code: -32_001,
    data: {
      code: "UNAUTHORIZED",
      httpStatus: 401,
      authCode: "interaction_required",
      claims: "{}",
    },
  },
};

// Each test checks its page four times.
const timeout = 120_000;

describe(
  "a page of the app, on phone and desktop, light and dark",
  { timeout },
  () => {
    const entrada = useEntrada();

    it.each([
      ["/", "Welcome to Entrada"],
      ["/workspace", "Workspace"],
      ["/auth/callback", "No sign-in to complete"],
    ])(
      "has no barriers at %s for a visitor who is signed out",
      async (path, title) => {
        const { page } = await entrada.visit();
        await page.goto(entrada.url(path));
        await heading(page, title).waitFor();
        await waitUntilSignedOut(page);

        expect(await findBarriers(page)).toEqual([]);
      },
    );

    it.each([
      ["/workspace", "You read this because"],
      ["/account", "Session ID"],
    ])(
      "has no barriers at %s for a user who is signed in",
      async (path, text) => {
        const { page } = await entrada.visitAs(ada, path);
        await page.getByText(text).first().waitFor();

        expect(await findBarriers(page)).toEqual([]);
      },
    );

    it.each(["Sign out everywhere", "End session"])(
      "has no barriers in the account page's dialog: %s?",
      async (question) => {
        await entrada.signIn(ada);
        const { page } = await entrada.visitAs(ada, "/account");
        await page.getByRole("button", { name: question }).first().click();
        await dialog(page).waitFor();

        expect(await findBarriers(page)).toEqual([]);
        expect(await findSmallTargets(page)).toEqual([]);
      },
    );

    it("has no barriers in the dialog that requests a fresh sign-in", async () => {
      await entrada.signIn(ada);
      entrada.emulator.control.setFault(longAgo());
      const { page, allowProblem } = await entrada.visitAs(ada, "/account");
      allowProblem(/status of 401/);
      await page.getByRole("button", { name: "End session" }).first().click();
      await answer(page, "End session");
      await dialog(page).getByText("yours was longer ago").waitFor();

      expect(await findBarriers(page)).toEqual([]);
      expect(await findSmallTargets(page)).toEqual([]);
    });

    it("has no barriers in the dialogs for administrators and on the page after them", async () => {
      await entrada.signIn(ben);
      const { page } = await entrada.visitAs(ada, "/admin/users");
      await page.getByRole("button", { name: `Disable ${ben.name}` }).click();
      await dialog(page).waitFor();
      const barriers = [
        ...(await findBarriers(page)),
        ...(await findSmallTargets(page)),
      ];
      await answer(page, "Disable");
      await page.getByText(`${ben.name} is disabled`).waitFor();
      barriers.push(...(await findBarriers(page)));
      await page.getByRole("button", { name: `Enable ${ben.name}` }).click();
      await answer(page, "Enable");
      await page.getByText(`${ben.name} is enabled`).waitFor();
      // Its buttons shrink while it disappears.
      await dialog(page).waitFor({ state: "hidden" });

      expect(barriers).toEqual([]);
      expect(await findSmallTargets(page)).toEqual([]);
    });

    it("has no barriers in the audit trail with details open", async () => {
      const { page } = await entrada.visitAs(ada, "/admin/audit");
      await page.getByText("Details").first().click();
      await page.getByText("Entry ID").first().waitFor();

      expect(await findBarriers(page)).toEqual([]);
      expect(await findSmallTargets(page)).toEqual([]);
    });

    it("has no barriers on an administrators' page for a user without the role", async () => {
      const { page } = await entrada.visitAs(ben, "/admin/users");
      await page.getByText("Only people with the role").waitFor();

      expect(await findBarriers(page)).toEqual([]);
    });

    it("has no barriers at an unknown address", async () => {
      const { page } = await entrada.visit();
      await page.goto(entrada.url("/there-is-no-such-page"));
      await heading(page, "Page not found").waitFor();

      expect(await findBarriers(page)).toEqual([]);
    });

    it("has no barriers with the account menu open", async () => {
      const { page } = await entrada.visitAs(ada, "/");
      await accountMenu(page).click();
      await page.getByRole("button", { name: "Sign out" }).waitFor();

      expect(await findBarriers(page)).toEqual([]);
    });

    it("has no barriers after a sign-in that failed, with the details open", async () => {
      const { page, allowProblem } = await entrada.visit();
      allowProblem(/status of 403/);
      await page.goto(entrada.url("/"));
      await startSignIn(page);
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByText("Details for the developer").click();
      await page.getByRole("button", { name: "Copy details" }).waitFor();

      expect(await findBarriers(page)).toEqual([]);
    });

    it("has no barriers on the page that can send the same callback again", async () => {
      const { page, allowProblem } = await entrada.visit();
      allowProblem(/ERR_CONNECTION_REFUSED/);
      await page.route(/auth\.callback/, (route) =>
        route.abort("connectionrefused"),
      );
      await page.goto(entrada.url("/auth/callback?code=c&state=s"));
      await heading(page, "We could not reach the service").waitFor();

      expect(await findBarriers(page)).toEqual([]);
    });

    it("has no barriers on the page after an organisation approved the service", async () => {
      const { page, allowProblem } = await entrada.visit();
      allowProblem(/status of 400/);
      await page.goto(
        entrada.url("/auth/callback?admin_consent=True&tenant=contoso"),
      );
      await heading(page, "Your organisation approved this service").waitFor();
      await waitUntilSignedOut(page);

      expect(await findBarriers(page)).toEqual([]);
    });

    it("has no barriers on a page of which a part needs another sign-in", async () => {
      const visitor = await entrada.visit();
      const { page, allowProblem } = visitor;
      allowProblem(/status of 401/);
      await entrada.signIn(ada, visitor);
      await page.route(/workspace\.greeting/, (route) =>
        route.fulfill({ status: 401, json: [interactionRequired, {}] }),
      );
      await page.goto(entrada.url("/workspace"));
      await page.getByRole("button", { name: "Continue" }).waitFor();

      expect(await findBarriers(page)).toEqual([]);
      expect(await findSmallTargets(page)).toEqual([]);
    });

    it("has no barriers while the service does not respond", async () => {
      const { page, allowProblem } = await entrada.visit();
      allowProblem(/ERR_CONNECTION_REFUSED/);
      await page.route(/\/trpc\//, (route) => route.abort("connectionrefused"));
      await page.goto(entrada.url("/account"));
      await page.getByText("The service is not answering").waitFor();

      expect(await findBarriers(page)).toEqual([]);
    });
  },
);
