import type { Browser } from "../browser.js";

/** How a visit to the identity provider ended: with a redirect to the app, or on a page of the provider. */
export interface ProviderVisit {
  readonly location: string | undefined;
  readonly status: number;
  readonly page: string;
}

export interface ProviderChoices {
  /** The choice on the consent page. */
  readonly consent?: "accept" | "cancel";
  /** Whether to press Cancel in the account picker. */
  readonly cancel?: boolean;
}

interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

const maximumPages = 5;

/** Opens an authorization URL, picks this person's account and submits the consent page. */
export async function passProvider(
  browser: Browser,
  authorizationUrl: string,
  upn: string,
  { consent = "accept", cancel = false }: ProviderChoices = {},
): Promise<ProviderVisit> {
  let url = authorizationUrl;
  let response = await browser.fetch(url);
  for (let pages = 0; pages < maximumPages; pages++) {
    const page = await response.text();
    const isQuestion =
      response.status === 200 && !page.includes('data-test="problem"');
    const form = isQuestion ? readForm(page) : undefined;
    if (form === undefined) {
      const location = response.headers.get("location") ?? undefined;
      return { location, status: response.status, page };
    }
    const isConsent = page.includes('data-test="consent-accept"');
    const choice = isConsent
      ? { action: consent }
      : cancel
        ? { action: "cancel" }
        : { upn };
    url = new URL(form.action, url).href;
    response = await browser.fetch(url, {
      method: "POST",
      body: new URLSearchParams({ ...form.fields, ...choice }),
    });
  }
  throw new Error(
    `The identity provider showed more than ${maximumPages} pages.`,
  );
}

/** Reads the first form of a page: its action and its hidden fields. */
function readForm(page: string): Form | undefined {
  const [, action, content = ""] =
    /<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/.exec(page) ?? [];
  if (action === undefined) return undefined;
  const inputs = content.matchAll(
    /<input type="hidden" name="([^"]*)" value="([^"]*)"/g,
  );
  const fields = [...inputs].map(([, name = "", value = ""]) => [
    unescapeHtml(name),
    unescapeHtml(value),
  ]);
  return { action: unescapeHtml(action), fields: Object.fromEntries(fields) };
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll(/&#(\d+);/g, (_, code: string) =>
      String.fromCodePoint(Number(code)),
    )
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
