import { request } from "node:http";
import type { OutgoingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import type { EntraEmulator } from "@entrada/entra-emulator";
import { openCookieJar } from "../../support/cookie-jar.js";
import type { CookieJar } from "../../support/cookie-jar.js";

/** A request of the browser. */
export interface BrowserRequest {
  /** `undefined` removes a header of a navigation within the app. */
  readonly headers?: Readonly<
    Record<string, string | readonly string[] | undefined>
  >;
  readonly form?: Readonly<Record<string, string>> | string;
}

/** A response. */
export interface BrowserResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A browser that keeps cookies, follows no redirects, and sends paths unchanged. */
export interface HostBrowser {
  readonly jar: CookieJar;
  send(
    method: string,
    path: string,
    request?: BrowserRequest,
  ): Promise<BrowserResponse>;
  /** Signs the person in by navigations, and returns the response of the callback. */
  signIn(upn: string, returnUrl?: string): Promise<BrowserResponse>;
}

/** The headers of a request by script. */
export const byScript = { accept: "application/json" } as const;
/** The headers of an old browser, or behind a proxy that removes Fetch Metadata. */
export const noMetadata = { "sec-fetch-site": undefined } as const;

/** Opens a browser without cookies. */
export function openHostBrowser(
  origin: string,
  emulator: EntraEmulator,
  authPath = "/auth",
): HostBrowser {
  const jar = openCookieJar();
  const send: HostBrowser["send"] = async (method, path, sent = {}) => {
    const { headers = {}, form } = sent;
    const response = await exchange(origin, method, path, {
      headers: {
        accept: "text/html",
        "sec-fetch-site": "same-origin",
        ...(jar.header() === "" ? {} : { cookie: jar.header() }),
        ...(form === undefined
          ? {}
          : { "content-type": "application/x-www-form-urlencoded" }),
        ...headers,
      },
      body:
        form === undefined ? undefined : new URLSearchParams(form).toString(),
    });
    jar.keep(response.headers);
    return response;
  };
  return {
    jar,
    send,
    signIn: async (upn, returnUrl = "/") => {
      emulator.control.autoSignIn(upn);
      const query = new URLSearchParams({ returnUrl });
      const login = await send("GET", `${authPath}/login?${query}`);
      const provider = await fetch(login.headers.get("location") ?? "", {
        redirect: "manual",
      });
      const callback = new URL(provider.headers.get("location") ?? "");
      return send("GET", `${callback.pathname}${callback.search}`, {
        headers: { "sec-fetch-site": "cross-site" },
      });
    },
  };
}

function exchange(
  origin: string,
  method: string,
  path: string,
  {
    headers,
    body,
  }: {
    readonly headers: Readonly<
      Record<string, string | readonly string[] | undefined>
    >;
    readonly body: string | undefined;
  },
): Promise<BrowserResponse> {
  const sent: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined)
      sent[name] = typeof value === "string" ? value : [...value];
  if (body !== undefined) sent["content-length"] = Buffer.byteLength(body);
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { hostname, port, method, path, headers: sent, agent: false },
      (incoming) => {
        const received = new Headers();
        const raw = incoming.rawHeaders;
        for (let index = 0; index < raw.length; index += 2)
          received.append(raw[index] ?? "", raw[index + 1] ?? "");
        text(incoming).then(
          (content) =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: received,
              text: content,
            }),
          reject,
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
