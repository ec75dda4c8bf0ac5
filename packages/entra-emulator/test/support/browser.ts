/** A response in a browser. */
export interface Visit {
  readonly status: number;
  readonly url: string;
  readonly location: string | undefined;
  readonly body: string;
  readonly headers: Headers;
}

/** A form found on a page. */
export interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** A browser without JavaScript that keeps cookies, submits forms and does not follow redirects. */
export interface Browser {
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Visit>;
  post(url: string, fields: Readonly<Record<string, string>>): Promise<Visit>;
  /** Submits the first form of a page with additional fields, such as those of a button. */
  submit(page: Visit, fields: Readonly<Record<string, string>>): Promise<Visit>;
  readonly cookies: ReadonlyMap<string, string>;
}

/** Opens a browser without cookies. */
export function openBrowser(): Browser {
  const cookies = new Map<string, string>();
  const visit = async (url: string, init: RequestInit): Promise<Visit> => {
    const cookie = [...cookies]
      .map(([name, value]) => `${name}=${value}`)
      .join("; ");
    const headers = new Headers(init.headers);
    if (cookie !== "") headers.set("cookie", cookie);
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie())
      keepCookie(cookies, line);
    return {
      status: response.status,
      url,
      location: response.headers.get("location") ?? undefined,
      body: await response.text(),
      headers: response.headers,
    };
  };
  const post: Browser["post"] = (url, fields) =>
    visit(url, { method: "POST", body: new URLSearchParams(fields) });
  return {
    cookies,
    get: (url, headers = {}) => visit(url, { headers }),
    post,
    submit: (page, fields) => {
      const form = readForm(page.body);
      return post(new URL(form.action, page.url).href, {
        ...form.fields,
        ...fields,
      });
    },
  };
}

/** Reads the first form of a page: its action and hidden fields. */
export function readForm(page: string): Form {
  const [, action, content] =
    /<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/.exec(page) ?? [];
  if (action === undefined || content === undefined)
    throw new Error(`No form on the page: ${page.slice(0, 2000)}`);
  const inputs = content.matchAll(
    /<input type="hidden" name="([^"]*)" value="([^"]*)"/g,
  );
  const fields = [...inputs].map(
    ([, name = "", value = ""]) =>
      [unescapeHtml(name), unescapeHtml(value)] as const,
  );
  return { action: unescapeHtml(action), fields: Object.fromEntries(fields) };
}

/** Undoes the escaping of an attribute. */
export function unescapeHtml(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code: string) =>
    String.fromCharCode(Number(code)),
  );
}

function keepCookie(cookies: Map<string, string>, line: string): void {
  const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  if (/max-age=0/i.test(line)) cookies.delete(name);
  else cookies.set(name, value);
}
