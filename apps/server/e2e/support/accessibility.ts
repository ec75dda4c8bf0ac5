import axe from "axe-core";
import type { AxeResults, RunOnly } from "axe-core";
import type { Page } from "playwright-core";
import { viewports } from "./visitor.js";

const all: RunOnly = {
  type: "tag",
  values: [
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22aa",
    "best-practice",
  ],
};
const contrast: RunOnly = { type: "rule", values: ["color-contrast"] };

/**
 * Returns the accessibility violations of the open page, on a phone and on a desktop, light and dark. The two schemes
 * differ in colours alone, so the other rules are checked in one of them.
 */
export async function findBarriers(page: Page): Promise<readonly string[]> {
  const barriers = new Set<string>();
  for (const [device, viewport] of Object.entries(viewports)) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await waitUntilStyled(page, colorScheme);
      for (const barrier of [
        ...(await runAxe(page, colorScheme === "light" ? all : contrast)),
        ...(await findOverflow(page)),
      ]) {
        barriers.add(`${device}, ${colorScheme}: ${barrier}`);
      }
    }
  }
  return [...barriers];
}

/** Waits until the page shows the scheme's colours and no transition runs. */
async function waitUntilStyled(
  page: Page,
  colorScheme: "light" | "dark",
): Promise<void> {
  await page.evaluate(async (scheme) => {
    const query = matchMedia(`(prefers-color-scheme: ${scheme})`);
    while (!query.matches) await new Promise(requestAnimationFrame);
    // One frame for the app to receive the event, one for the styles that follow.
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    const transitions = document
      .getAnimations()
      .filter((animation) => animation instanceof CSSTransition);
    await Promise.allSettled(transitions.map(({ finished }) => finished));
  }, colorScheme);
}

async function runAxe(
  page: Page,
  runOnly: RunOnly,
): Promise<readonly string[]> {
  // Evaluated by the debugger, so the content security policy does not apply.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (checked): Promise<AxeResults> =>
      window.axe.run(document, {
        runOnly: checked,
        resultTypes: ["violations"],
      }),
    runOnly,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`,
    ),
  );
}

// WCAG 2.2, 1.4.10: no page needs scrolling in two directions.
async function findOverflow(page: Page): Promise<readonly string[]> {
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  return scrollWidth > clientWidth
    ? [`wider than the screen: ${scrollWidth} of ${clientWidth}`]
    : [];
}

/** Returns the buttons and links of the page's main part or dialog that are lower than 44 pixels on a phone. */
export async function findSmallTargets(page: Page): Promise<readonly string[]> {
  await page.setViewportSize(viewports.phone);
  return page
    .locator("main :is(button, summary, nav a), [role=alertdialog] button")
    .evaluateAll((targets) =>
      targets
        .filter((target) => target.getBoundingClientRect().height < 44)
        .map(({ outerHTML }) => outerHTML),
    );
}

declare global {
  interface Window {
    readonly axe: typeof axe;
  }
}
