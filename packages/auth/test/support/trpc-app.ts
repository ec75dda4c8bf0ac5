import { initTRPC } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import type { CallbackParameters } from "../../src/core/sign-in/callback.js";
import { createRequestAuthFactory } from "../../src/http/request-auth.js";
import type { RateLimiter } from "../../src/http/rate-limiter.js";
import type { TestAuth } from "../../src/testing/test-auth.js";
import type { TestPerson } from "../../src/testing/provider/test-people.js";
import { createAdministrationProcedures } from "../../src/trpc/administration-procedures.js";
import { createAuthProcedures } from "../../src/trpc/auth-procedures.js";
import type { AuthContext } from "../../src/trpc/auth-procedures.js";
import { formatAuthError } from "../../src/trpc/error-formatter.js";
import { openCookieJar } from "./cookie-jar.js";
import type { CookieJar } from "./cookie-jar.js";

/** The options of a request of the browser. */
export interface TrpcRequest {
  readonly method?: string;
  /** Sent as JSON: the body of a POST, the `input` of a GET. */
  readonly input?: unknown;
  /** Sent unchanged, instead of `input`. */
  readonly body?: string;
  /** Added to the headers of the app's own page; `undefined` removes a header. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** The response. */
export interface TrpcAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body. */
  readonly json: unknown;
}

/** A browser of a tRPC application. */
export interface TrpcBrowser {
  readonly jar: CookieJar;
  readonly call: (path: string, request?: TrpcRequest) => Promise<TrpcAnswer>;
  /** Signs the person in, from `login` to `callback`, and returns the response of `callback`. */
  readonly signIn: (person: TestPerson, input?: object) => Promise<TrpcAnswer>;
  /** Calls `login`, signs the person in at the provider, and returns the callback parameters. */
  readonly startSignIn: (
    person: TestPerson,
    input?: object,
  ) => Promise<CallbackParameters>;
}

const t = initTRPC
  .context<AuthContext>()
  .create({ errorFormatter: formatAuthError, isDev: false });
const authProcedures = createAuthProcedures();

const router = t.router({
  auth: authProcedures.procedures,
  admin: createAdministrationProcedures({ role: "Admin" }),
  own: {
    open: t.procedure.query(() => "open"),
    signedIn: t.procedure
      .concat(authProcedures.signedIn)
      .query(({ ctx }) => ({ user: ctx.user.name, session: ctx.session.id })),
    admin: t.procedure
      .concat(authProcedures.requireRole("Admin"))
      .query(({ ctx }) => ctx.user.name),
    contoso: t.procedure
      .concat(
        authProcedures.requireTenant("c0a70500-1111-4c0a-8c0a-c0a70500c0a0"),
      )
      .mutation(({ ctx }) => ctx.user.name),
    fresh: t.procedure
      .concat(authProcedures.requireFreshSignIn(300))
      .query(({ ctx }) => ctx.user.name),
    broken: t.procedure.concat(authProcedures.signedIn).query(() => {
      throw new Error("SELECT planted_secret FROM session");
    }),
  },
});

/** Returns a server-side caller for a request with these headers. */
export function createServerCaller(
  { auth, clock }: TestAuth,
  headers: Readonly<Record<string, string>>,
): ReturnType<typeof router.createCaller> {
  const readHeader = (name: string) => headers[name];
  const createRequestAuth = createRequestAuthFactory({ auth, now: clock.now });
  return router.createCaller({
    auth: createRequestAuth({
      readHeader,
      responseHeaders: new Headers(),
      clientAddress: "203.0.113.7",
    }),
  });
}

/** Opens a browser of a tRPC application that has its own procedures under `own`. */
export function openTrpcBrowser(
  test: TestAuth,
  rateLimiter?: RateLimiter,
): TrpcBrowser {
  const jar = openCookieJar();
  const { origin } = test.auth;
  const createRequestAuth = createRequestAuthFactory({
    auth: test.auth,
    rateLimiter,
    now: test.clock.now,
  });
  const call: TrpcBrowser["call"] = async (path, request = {}) => {
    const response = await fetchRequestHandler({
      endpoint: "/trpc",
      req: createRequest(origin, path, request, jar.header()),
      router,
      createContext: ({ req, resHeaders }) => ({
        auth: createRequestAuth({
          readHeader: (name) => req.headers.get(name),
          responseHeaders: resHeaders,
          clientAddress: "203.0.113.7",
        }),
      }),
    });
    jar.keep(response.headers);
    const text = await response.text();
    const json: unknown = text === "" ? undefined : JSON.parse(text);
    return { status: response.status, headers: response.headers, text, json };
  };
  const startSignIn: TrpcBrowser["startSignIn"] = async (
    person,
    input = {},
  ) => {
    const { text } = await call("auth.login", { method: "POST", input });
    const authorizationUrl =
      /"authorizationUrl":"([^"]+)"/.exec(text)?.[1] ?? "";
    return test.identityClient.answerAuthorization(authorizationUrl, person);
  };
  return {
    jar,
    call,
    startSignIn,
    signIn: async (person, input) =>
      call("auth.callback", {
        method: "POST",
        input: await startSignIn(person, input),
      }),
  };
}

function createRequest(
  origin: string,
  path: string,
  { method = "GET", input, body, headers = {} }: TrpcRequest,
  cookie: string,
): Request {
  const url = new URL(`/trpc/${path}`, origin);
  if (method === "GET" && input !== undefined)
    url.searchParams.set("input", JSON.stringify(input));
  const sent = {
    "x-csrf": "1",
    "sec-fetch-site": "same-origin",
    "content-type": "application/json",
    cookie,
    ...headers,
  };
  const present = Object.entries(sent).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const content =
    body ?? (input === undefined ? undefined : JSON.stringify(input));
  return new Request(url, {
    method,
    headers: Object.fromEntries(present),
    ...(method === "GET" || content === undefined ? {} : { body: content }),
  });
}
