import type { AppRouter } from "@entrada/api";
import type { AuthErrorCode } from "@entrada/auth";
import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import { createBrowser } from "./browser.js";
import type { Browser, BrowserOptions } from "./browser.js";
import { passProvider } from "./provider/provider-pages.js";

type Outputs = inferRouterOutputs<AppRouter>;

/** The output of each procedure. */
export interface ProcedureOutputs {
  readonly "auth.login": Outputs["auth"]["login"];
  readonly "auth.callback": Outputs["auth"]["callback"];
  readonly "auth.me": Outputs["auth"]["me"];
  readonly "auth.logout": Outputs["auth"]["logout"];
  readonly "auth.logoutEverywhere": Outputs["auth"]["logoutEverywhere"];
  readonly "auth.sessions.list": Outputs["auth"]["sessions"]["list"];
  readonly "auth.sessions.revoke": Outputs["auth"]["sessions"]["revoke"];
  readonly "admin.users.list": Outputs["admin"]["users"]["list"];
  readonly "admin.users.disable": Outputs["admin"]["users"]["disable"];
  readonly "admin.users.enable": Outputs["admin"]["users"]["enable"];
  readonly "admin.events.list": Outputs["admin"]["events"]["list"];
  readonly "workspace.greeting": Outputs["workspace"]["greeting"];
  readonly "workspace.adminNotice": Outputs["workspace"]["adminNotice"];
}

export type ProcedureName = keyof ProcedureOutputs;
export type LoginRequest = inferRouterInputs<AppRouter>["auth"]["login"];
/** The query of the redirect URI. A repeated parameter is a list. */
export type CallbackQuery = Readonly<
  Record<string, string | readonly string[]>
>;

/** A tRPC error in its JSON form. */
export interface WireError {
  readonly message: string;
  readonly code: number;
  readonly data: {
    readonly authCode: AuthErrorCode;
    readonly code: string;
    readonly httpStatus: number;
    readonly path?: string;
    readonly provider?: {
      readonly error: string;
      readonly suberror?: string;
      readonly aadsts?: string;
    };
    readonly claims?: string;
    readonly retryAfterSeconds?: number;
    readonly maxAgeSeconds?: number;
  };
}

/** The response to one call. */
export interface CallResponse<Data> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly error: WireError | undefined;
  /** @throws {Error} if the call failed. */
  readonly data: Data;
}

/** The names of the app's cookies. */
export interface CookieNames {
  readonly session: string;
  readonly flowPrefix: string;
}

/** A visitor with a separate browser, who sends requests as the single-page app does. */
export interface Visitor {
  readonly browser: Browser;
  readonly names: CookieNames;
  /** Returns the value of the session cookie. */
  session(): string | undefined;
  setSession(value: string): void;
  /** Returns the values of the app's cookies, by name. */
  cookies(): ReadonlyMap<string, string>;
  query<Name extends ProcedureName>(
    name: Name,
    init?: RequestInit,
  ): Promise<CallResponse<ProcedureOutputs[Name]>>;
  mutate<Name extends ProcedureName>(
    name: Name,
    input?: unknown,
    init?: RequestInit,
  ): Promise<CallResponse<ProcedureOutputs[Name]>>;
  /** Starts a sign-in, signs this person in at the identity provider and returns the query of the callback. */
  reachCallback(upn: string, request?: LoginRequest): Promise<CallbackQuery>;
  /** Signs this person in and returns the response of `auth.callback`. */
  signIn(
    upn: string,
    request?: LoginRequest,
  ): Promise<CallResponse<ProcedureOutputs["auth.callback"]>>;
}

export interface VisitorOptions extends BrowserOptions {
  /** Additional headers of every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Creates a visitor of the app at this origin. */
export function createVisitor(
  origin: string,
  options: VisitorOptions = {},
): Visitor {
  const browser = createBrowser(options);
  const own = {
    "x-csrf": "1",
    origin,
    "sec-fetch-site": "same-origin",
    ...options.headers,
  };
  const call = async <Name extends ProcedureName>(
    name: Name,
    init: RequestInit,
  ): Promise<CallResponse<ProcedureOutputs[Name]>> =>
    readResponse(await browser.fetch(`${origin}/trpc/${name}`, init));

  const names = cookieNamesOf(origin);
  const visitor: Visitor = {
    browser,
    names,
    session: () => browser.cookies(origin).get(names.session),
    setSession: (value) => browser.setCookie(origin, names.session, value),
    cookies: () => browser.cookies(origin),
    query: (name, init = {}) => call(name, { headers: own, ...init }),
    mutate: (name, input = {}, init = {}) =>
      call(name, {
        method: "POST",
        headers: { ...own, "content-type": "application/json" },
        body: JSON.stringify(input),
        ...init,
      }),
    reachCallback: async (upn, request) => {
      const { authorizationUrl } = (await visitor.mutate("auth.login", request))
        .data;
      const { location, page } = await passProvider(
        browser,
        authorizationUrl,
        upn,
      );
      if (location === undefined)
        throw new Error(`The identity provider kept the visitor: ${page}`);
      return readQuery(location);
    },
    signIn: async (upn, request) =>
      visitor.mutate(
        "auth.callback",
        await visitor.reachCallback(upn, request),
      ),
  };
  return visitor;
}

/** Returns the names of the cookies of an app with this `APP_URL`. Stated again here, so that a change is noticed. */
export function cookieNamesOf(appUrl: string): CookieNames {
  const { protocol, port } = new URL(appUrl);
  if (protocol === "https:" && port === "")
    return {
      session: "__Host-Http-session",
      flowPrefix: "__Host-Http-flow.",
    };
  const prefix = protocol === "https:" ? "__Host-Http-" : "";
  const place = port === "" ? "80" : port;
  return {
    session: `${prefix}session-${place}`,
    flowPrefix: `${prefix}flow-${place}.`,
  };
}

/** Reads the query of a callback URL as the single-page app does. */
export function readQuery(url: string): CallbackQuery {
  const { searchParams } = new URL(url);
  return Object.fromEntries(
    [...new Set(searchParams.keys())].map((name) => {
      const values = searchParams.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}

async function readResponse<Data>(
  response: Response,
): Promise<CallResponse<Data>> {
  const text = await response.text();
  const body: {
    readonly result?: { readonly data: Data };
    readonly error?: WireError;
  } = JSON.parse(text);
  return {
    status: response.status,
    headers: response.headers,
    text,
    error: body.error,
    get data() {
      if (body.result === undefined)
        throw new Error(`The call failed with ${response.status}: ${text}`);
      return body.result.data;
    },
  };
}
