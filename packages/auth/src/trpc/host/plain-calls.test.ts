import { TRPCError, initTRPC, lazy } from "@trpc/server";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { listen } from "../../../test/support/node-exchange.js";
import type {
  RawRequest,
  TestServer,
} from "../../../test/support/node-exchange.js";
import { AuthError } from "../../core/error.js";
import { createTestAuth } from "../../testing/test-auth.js";
import { createAuthProcedures } from "../auth-procedures.js";
import type { AuthContext } from "../auth-procedures.js";
import { formatAuthError } from "../error-formatter.js";
import type { TrpcFailure } from "./host-options.js";
import { createTrpcNodeHandler } from "./node-handler.js";

interface AppContext extends AuthContext {
  readonly setCookie: (value: string) => void;
}

/** Dates survive it, and it fails for the text "unreadable". */
const transformer = {
  serialize: (value: unknown): unknown => ({ packed: value ?? null }),
  deserialize: (value: unknown): unknown => {
    if (value === "unreadable") throw new RangeError("It is unreadable.");
    return value;
  },
};

const t = initTRPC.context<AppContext>().create();
const anything = t.procedure.input((input: unknown) => input);
const text = t.procedure.input((input: unknown) => {
  if (typeof input !== "string") throw new TypeError("A text is needed.");
  return input;
});
const { procedures, signedIn, requireRole } = createAuthProcedures();
const circular: { self?: unknown } = {};
circular.self = circular;
const stream = { [Symbol.asyncIterator]: () => ({ next: () => ({}) }) };

const failures = {
  error: () => new Error("SELECT planted_secret"),
  trpc: () => new TRPCError({ code: "CONFLICT", message: "It exists." }),
  wrapped: () =>
    new TRPCError({
      code: "FORBIDDEN",
      cause: new AuthError("role_required", "You may not."),
    }),
  auth: () => new AuthError("store_unavailable", "The database is down."),
  text: () => "a text",
  nothing: () => undefined,
};

const results = {
  nothing: undefined,
  null: null,
  date: new Date(0),
  text: "\u00e9\u2028\ud800 \u{1f600}",
  list: [1, [2]],
  bigint: 1n,
  circular,
  promise: { later: Promise.resolve(1) },
  stream,
  nested: { stream },
};

const record = {
  auth: procedures,
  echo: anything.query(({ input }) => ({ input })),
  change: anything.mutation(({ input }) => ({ input })),
  text: text.query(({ input }) => input),
  changeText: text.mutation(({ input }) => input),
  plain: t.procedure.query(({ path, batchIndex, signal }) => [
    path,
    batchIndex,
    signal?.aborted,
  ]),
  act: t.procedure.mutation(() => "done"),
  guarded: t.procedure.concat(signedIn).query(({ ctx }) => ctx.user.name),
  admin: t.procedure.concat(requireRole("Admin")).mutation(() => 1),
  cookie: anything.mutation(({ ctx, input }) => {
    ctx.setCookie(String(input));
    return input;
  }),
  deep: { deeper: { query: t.procedure.query(() => 1) } },
  fail: Object.fromEntries(
    Object.entries(failures).map(([name, create]) => [
      name,
      anything.query(() => {
        throw create();
      }),
    ]),
  ),
  result: Object.fromEntries(
    Object.entries(results).map(([name, value]) => [
      name,
      t.procedure.query((): unknown => value),
    ]),
  ),
  watch: t.procedure.subscription(async function* () {
    yield 1;
  }),
  late: lazy(async () => t.router({ query: t.procedure.query(() => 1) })),
};

const routers = {
  "with formatAuthError": initTRPC
    .context<AppContext>()
    .create({ errorFormatter: formatAuthError, isDev: false })
    .router(record),
  "with tRPC's own error format": initTRPC
    .context<AppContext>()
    .create({ isDev: false })
    .router(record),
  "with a transformer, and an error format that shows everything": initTRPC
    .context<AppContext>()
    .create({
      isDev: false,
      transformer,
      errorFormatter: ({ shape, error, type, path, input, ctx }) => ({
        ...shape,
        cause: String(error.cause),
        seen: [type, path, input, ctx === undefined],
      }),
    })
    .router(record),
};

const own = { "x-csrf": "1", "content-type": "application/json" };
const encoded = (value: unknown) => encodeURIComponent(JSON.stringify(value));

/** Requests that the fast path handles. */
const plainPaths: readonly string[] = [
  "echo",
  "echo/",
  "echo?",
  "echo?input=",
  "echo?input=null",
  "echo?input=%",
  "echo?input=%7B",
  "echo?input=1&input=2",
  "echo?input=+1+",
  "echo?other=1",
  `echo?input=${encoded({ a: "\u00e9 &=+#<>'`" })}`,
  "echo?input=[1,{}]<>'`{|}",
  `echo?input=${encoded("unreadable")}`,
  "echo?input={%22__proto__%22:{%22a%22:1}}",
  `echo?input=${"[".repeat(3000)}${"]".repeat(3000)}`,
  "text",
  "text?input=1",
  "text?input=%22a%22",
  "plain",
  "plain?input=%7B",
  "deep.deeper.query",
  "auth.me",
  "guarded",
  "guarded?batch=1",
  "auth.me,guarded,plain?batch=1",
  "echo,text?batch=1&input=",
  "echo,text?batch=1&input=[]",
  "echo,text?batch=1&input=null",
  "echo,text?batch=1&input=1",
  "echo,text?batch=1&input=%7B",
  `echo,text,plain?batch=1&input=${encoded({ 0: null, 1: "b", 2: 3 })}`,
  `echo,echo?batch=1&input=${encoded({ 1: "unreadable" })}`,
  `echo,echo?batch=1&input=${encoded({ 1: { a: 1 }, 7: 1 })}`,
  "echo?batch=1",
  "echo?batch=0",
  "echo?batch=1&batch=0",
  `${Array.from({ length: 20 }, () => "plain").join(",")}?batch=1`,
  ...Object.keys(failures).flatMap((name) => [
    `fail.${name}`,
    `fail.${name}?input=1`,
    `fail.${name},plain?batch=1`,
    `fail.${name},fail.auth?batch=1&input=${encoded({ 0: 1 })}`,
  ]),
  ...Object.keys(results).flatMap((name) => [
    `result.${name}`,
    `result.${name},plain?batch=1`,
  ]),
];

const plainBodies: readonly (string | Uint8Array | undefined)[] = [
  undefined,
  "",
  " ",
  "{",
  "null",
  "1",
  '"a"',
  "[]",
  "{}",
  '{"0":"a","1":"b"}',
  '{"0":null}',
  '{"__proto__":{"a":1},"0":{"__proto__":1}}',
  '"unreadable"',
  '{"0":"unreadable","1":"b"}',
  `${"[".repeat(3000)}${"]".repeat(3000)}`,
  "code=planted&state=S",
  new Uint8Array([0x22, 0xff, 0xfe, 0xc0, 0xe2, 0x82, 0x22]),
];

const plain: readonly RawRequest[] = [
  ...plainPaths.map((path) => ({ path })),
  ...[
    "change",
    "changeText",
    "act",
    "admin",
    "cookie",
    "auth.logout",
    "auth.callback",
    "changeText,act,cookie?batch=1",
    "cookie,cookie?batch=1",
  ].flatMap((path) =>
    plainBodies.map((body) => ({ method: "POST", path, body })),
  ),
  {
    method: "POST",
    path: "change",
    body: "1",
    headers: { "content-type": "application/json; charset=utf-8" },
  },
  {
    method: "POST",
    path: "change",
    body: "1",
    headers: { "content-type": "application/jsonish" },
  },
  { path: "plain", headers: { accept: "text/html,*/*" } },
  { path: "echo?input=1", body: "2" },
  { path: "guarded", headers: { cookie: "__Host-Http-session=x; a" } },
  { path: "guarded", headers: { authorization: "Bearer x" } },
  { path: "auth.me", headers: { authorization: "Bearer x" } },
  {
    method: "POST",
    path: "change",
    body: "\u00e9".repeat(1000),
    headers: { "transfer-encoding": "chunked" },
  },
];

/** Requests that are left to tRPC's own host. */
const others: readonly RawRequest[] = [
  { path: "unknown" },
  { path: "unknown", body: "1" },
  { method: "HEAD", path: "plain", body: "1" },
  { path: "unknown,plain?batch=1" },
  { path: "" },
  { path: "__proto__" },
  { path: "constructor" },
  { path: "toString.call" },
  { path: "deep.deeper" },
  { path: "," },
  { path: "plain,," },
  { path: "act" },
  { path: "act,plain?batch=1" },
  { method: "POST", path: "plain", body: "1" },
  { method: "POST", path: "echo,change?batch=1", body: "{}" },
  { method: "PUT", path: "change", body: "1" },
  { method: "DELETE", path: "change" },
  { method: "HEAD", path: "plain" },
  { method: "OPTIONS", path: "plain" },
  { path: "plain?connectionParams=1" },
  { path: "plain?connectionParams=%7B" },
  { path: "plain", headers: { "content-type": "multipart/form-data" } },
  {
    method: "POST",
    path: "change",
    body: "a",
    headers: { "content-type": "text/plain" },
  },
  {
    method: "POST",
    path: "change",
    body: "a",
    headers: { "content-type": "application/octet-stream" },
  },
  { method: "POST", path: "change", body: "\uFEFF1" },
  { path: "plain", headers: { accept: "application/jsonl" } },
  { path: "plain?batch=1", headers: { accept: "application/jsonl" } },
  { path: "plain", headers: { "trpc-accept": "application/jsonl" } },
  { path: "plain?batch=1", headers: { "trpc-accept": "application/json" } },
  { path: "watch", headers: { accept: "text/event-stream" } },
  { path: "late.query" },
];

function describeFailure({ error, path }: TrpcFailure): string {
  return `${path} ${error.code} ${error.message}`;
}

class CountingRequest extends Request {
  static count = 0;

  constructor(...parameters: ConstructorParameters<typeof Request>) {
    super(...parameters);
    CountingRequest.count += 1;
  }
}

/** Encodes a letter of the path, which makes no difference to tRPC, and is not plain. */
function toEncoded(request: RawRequest): RawRequest {
  const path = request.path.replace(
    /^[a-z]/,
    (letter) => `%${letter.charCodeAt(0).toString(16)}`,
  );
  return { ...request, path };
}

describe.each(Object.entries(routers))("a router %s", (_, router) => {
  let server: TestServer;
  let reported: string[] = [];

  beforeAll(async () => {
    const { auth } = createTestAuth();
    server = await listen(
      createTrpcNodeHandler({
        auth,
        router,
        onError: (failure) => {
          reported.push(describeFailure(failure));
        },
        createContext: ({ responseHeaders }) => ({
          setCookie: (value: string) =>
            responseHeaders.append("set-cookie", `a=${encodeURI(value)}`),
        }),
      }),
    );
    vi.stubGlobal("Request", CountingRequest);
  });

  afterAll(async () => {
    vi.unstubAllGlobals();
    await server.close();
  });

  /** Sends a request, and returns the response, the reported failures and the number of `Request` objects. */
  async function send({ path, headers, ...request }: RawRequest) {
    reported = [];
    CountingRequest.count = 0;
    const response = await server.send({
      ...request,
      path: `/trpc/${path}`,
      headers: { ...own, ...headers },
    });
    return { response, reported, requests: CountingRequest.count };
  }

  it.each(
    plain.map(
      (request) => [JSON.stringify(request).slice(0, 120), request] as const,
    ),
  )(
    "gets from the fast path the response of tRPC's own host, without a Request object: %s",
    async (__, request) => {
      const fast = await send(request);
      const stock = await send(toEncoded(request));

      expect(fast.requests).toBe(0);
      expect(stock.requests).toBeGreaterThan(0);
      expect(fast.response).toEqual(stock.response);
      expect(fast.reported).toEqual(stock.reported);
    },
  );

  it.each(others.map((request) => [JSON.stringify(request), request] as const))(
    "is left to tRPC's own host by every other request: %s",
    async (__, request) => {
      const { response, requests } = await send(request);

      expect(requests).toBeGreaterThan(0);
      expect(response.status).toBeLessThan(500);
    },
  );
});
