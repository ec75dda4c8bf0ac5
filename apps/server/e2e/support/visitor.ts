import type { Browser, BrowserContext, Page } from "playwright-core";

declare global {
  interface Window {
    reportProblem(text: string): Promise<void>;
    reportText(text: string): Promise<void>;
  }
}

/** The properties of a visitor's browser. */
export interface VisitorOptions {
  readonly isPhone?: boolean | undefined;
  readonly colorScheme?: "light" | "dark" | undefined;
  /** The browser's `User-Agent`. Defaults to Chromium's. */
  readonly userAgent?: string | undefined;
  /** Whether pages may run scripts. Defaults to true. */
  readonly runsScripts?: boolean | undefined;
}

/** A visitor with a separate browser profile, which shares no cookies with other visitors. */
export interface Visitor {
  readonly context: BrowserContext;
  /** The first tab. */
  readonly page: Page;
  readonly openTab: () => Promise<Page>;
  /** Every text that any page has shown so far. */
  readonly seenTexts: readonly string[];
  /** Every address that any page requested, except for `data:` and `blob:`. */
  readonly requestedUrls: readonly string[];
  /** Errors and warnings of the console, uncaught exceptions, violations of the content security policy. */
  readonly problems: readonly string[];
  /** Allows problems that the test causes on purpose. */
  readonly allowProblem: (pattern: RegExp) => void;
}

export const viewports = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
} as const;

const patienceMilliseconds = 15_000;

/** Opens a browser profile that records texts, requests and problems. */
export async function createVisitor(
  browser: Browser,
  {
    isPhone = false,
    colorScheme = "light",
    userAgent,
    runsScripts = true,
  }: VisitorOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: isPhone ? viewports.phone : viewports.desktop,
    hasTouch: isPhone,
    colorScheme,
    javaScriptEnabled: runsScripts,
    ...(userAgent !== undefined && { userAgent }),
    locale: "en-GB",
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(patienceMilliseconds);
  const seenTexts: string[] = [];
  const requestedUrls: string[] = [];
  const problems = await recordProblems(context);
  await context.exposeBinding("reportText", (_, text: string) => {
    seenTexts.push(text);
  });
  await context.addInitScript(observePage);
  context.on("request", (request) => {
    if (/^(https?|wss?):/.test(request.url()))
      requestedUrls.push(request.url());
  });

  const allowed: RegExp[] = [];
  return {
    context,
    page: await context.newPage(),
    openTab: () => context.newPage(),
    seenTexts,
    requestedUrls,
    get problems() {
      return problems.filter(
        (problem) => !allowed.some((pattern) => pattern.test(problem)),
      );
    },
    allowProblem: (pattern) => allowed.push(pattern),
  };
}

async function recordProblems(context: BrowserContext): Promise<string[]> {
  const problems: string[] = [];
  await context.exposeBinding("reportProblem", (_, text: string) => {
    problems.push(text);
  });
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type()))
      problems.push(`${message.type()}: ${message.text()}`);
  });
  context.on("weberror", (event) => {
    problems.push(`exception: ${event.error().message}`);
  });
  return problems;
}

// Runs in every document before its own scripts. The observer runs before each paint, so it misses no visible state.
function observePage(): void {
  document.addEventListener("securitypolicyviolation", (event) => {
    void window.reportProblem(
      `content security policy: ${event.violatedDirective} ${event.blockedURI} at ${event.documentURI}`,
    );
  });

  let last = "";
  const report = () => {
    const text = document.body?.innerText ?? "";
    if (text === last) return;
    last = text;
    void window.reportText(text);
  };
  new MutationObserver(report).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
  });
  window.addEventListener("pageshow", report, { capture: true });
}
