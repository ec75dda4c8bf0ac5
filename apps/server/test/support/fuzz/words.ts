import { METHODS } from "node:http";
import type { CookieNames } from "../visitor.js";

/**
 * The procedures of the API with valid inputs. Those that end sessions are separate: they are never called with the cookie
 * of the visitor who must stay signed in.
 */
export const procedures = {
  harmless: {
    "auth.login": [
      '{"returnUrl":"/workspace"}',
      "{}",
      '{"scopes":["User.Read"],"prompt":"none"}',
    ],
    "auth.callback": [
      '{"state":"s","code":"c"}',
      '{"state":"s","error":"access_denied"}',
    ],
    "auth.me": ["{}"],
    "auth.sessions.list": ["{}"],
    "workspace.greeting": ["{}"],
    "workspace.adminNotice": ["{}"],
    "admin.users.list": ["{}", '{"search":"a"}', '{"after":"x"}'],
    "admin.users.enable": ['{"userId":"unknown"}'],
    "admin.users.delete": ['{"userId":"unknown"}'],
    "admin.users.export": ['{"userId":"unknown"}'],
    "admin.events.list": ["{}", '{"before":"x"}'],
  },
  ending: {
    "auth.logout": ["{}"],
    "auth.logoutEverywhere": ["{}"],
    "auth.sessions.revoke": ['{"sessionId":"aaaaaaaaaaaaaaaaaaaaaa"}'],
    "admin.users.disable": ['{"userId":"unknown"}'],
  },
} as const satisfies Readonly<
  Record<string, Readonly<Record<string, readonly string[]>>>
>;

/** Whether a procedure is called by GET. */
export function isQuery(name: string): boolean {
  return /\.(me|list|greeting|adminNotice)$/.test(name);
}

/** Names that the router does not have, among them properties of every JavaScript object. */
export const otherProcedures: readonly string[] =
  "__proto__ constructor.constructor auth.__proto__.me toString auth auth.no auth.me.then AUTH.ME auth%2eme auth.me%00 .. . %2e%2e %252e auth.me/ /auth.me %c3%bc auth..me auth.me;x auth.me:8 hasOwnProperty 0 -".split(
    " ",
  );

/** Every method that Node parses, except `CONNECT`, which requests a tunnel. */
export const ordinaryMethods = METHODS.filter((name) => name !== "CONNECT");

export const strangeMethods: readonly string[] = [
  "CONNECT",
  "get",
  "Post",
  "FOO",
  "GETT",
  "G\u0000T",
  "",
  " ",
  "GET /x",
  "HTTP/1.1",
  "\u00ff",
  "PRI",
];

export const otherTargets: readonly string[] =
  "/ /workspace /account /healthz /readyz /healthz/ /HEALTHZ /healthz%00 /readyz?x=%ff /index.html /favicon.svg /assets /assets/ /assets/x.js /assets/%ff.js /assets/%00.js /main.js /.env /.git/config /package.json /../../etc/passwd /..%2f..%2fetc%2fpasswd /%2e%2e/%2e%2e/etc/passwd /assets/../../main.js /assets/..%5c..%5cmain.js /assets/%2e%2e/%2e%2e/main.js /assets//etc/passwd /....//....//etc/passwd /% /%ff /%00 /%c0%ae%c0%ae/ /%zz /%u002e /?%ff=% /?a[__proto__]=1 /?__proto__=1 /trpc /trpc/ /trpc// /trpc/% /trpc/%ff /trpc/,,, /trpc?batch=1 /trpc/,?batch=1 /trpc/../trpc/auth.me /./trpc/auth.me /TRPC/auth.me //trpc/auth.me //evil.test //evil.test/trpc/auth.me ///evil.test /\\evil.test /.//evil.test http://evil.test/trpc/auth.me http://localhost/trpc/auth.me HTTP://LOCALHOST/healthz http://evil.test:99999/x http://[::1/x http://[::1]/ https://user:password@evil.test/ ftp://evil.test/x http: http:// //: * *.js /*".split(
    " ",
  );

export const authTargets: readonly string[] =
  "/auth /auth/ /auth/callback /auth/callback?code=a&state=b /auth/callback?code=a&code=b /auth/login /auth/login?returnUrl=//evil.test /auth/logout /auth/front-channel-logout /auth/front-channel-logout?sid= /auth/front-channel-logout?sid=a /auth/front-channel-logout?sid=a&sid=b /auth/front-channel-logout?sid=%ff /auth/front-channel-logout?sid=%00 /auth/front-channel-logout?sid=a&iss=https://evil.test /auth/front-channel-logout?iss=x /auth/back-channel-logout /auth/back-channel-logout/ /auth/back-channel-logout?logout_token=a /auth/%62ack-channel-logout /auth/__proto__ /auth/constructor /auth/x.js /auth/%ff /auth/% /auth//callback /auth/../healthz /auth/..%2fhealthz".split(
    " ",
  );

export const inputQueries: readonly string[] =
  "input= input=% input=%7B input=%7B%7D input=null input=1 input=[] input=%22x%22 input=%ff input=%7B%22__proto__%22%3A%7B%22a%22%3A1%7D%7D input=%7B%220%22%3A%7B%7D%7D input=%7B%220%22%3Anull%2C%221%22%3A1%7D batch=1&input=[] batch=1&input=%7B%7D batch=1&input=% batch=2 batch= batch=true batch=1&batch=1 connectionParams=1 connectionParams=%7B lastEventId=x &&& = ?".split(
    " ",
  );

/** Bodies as Latin-1 strings. */
export const bodies: readonly string[] = [
  ...' | |%|%ff|null|true|1|-0|1e400|"x"|[]|[[]]|{}|{|}|{"state":|[1,2|"|\\|nul|NaN|undefined|{\'a\':1}|\xef\xbb\xbf{}|\xff\xfe{\0}\0|"\xff\xfe\xc0"|"\xed\xa0\x80"|\0|\r\n\r\n|--x--|a=b&c=%ff|code=a&state=b|logout_token=a.b.c|logout_token=|logout_token=%'.split(
    "|",
  ),
  '{"returnUrl":1,"scopes":"x","prompt":[],"claims":{},"state":null}',
  '{"returnUrl":"\\ud800","state":"\\udfff","code":"\\u0000"}',
  '{"__proto__":{"scopes":["x"],"state":"x"},"constructor":{"prototype":{}}}',
  '{"toString":1,"hasOwnProperty":1,"valueOf":null,"toJSON":"x","then":{}}',
  '{"scopes":["a b","\\"","\\u0000"],"state":["a",1],"code":[[]]}',
  '{"scopes":null,"prompt":"anything","loginHint":{},"maxAgeSeconds":-1}',
  '{"claims":"{","state":{"a":1},"iss":[]}',
  '{"claims":"{\\"id_token\\":{\\"__proto__\\":1}}","maxAgeSeconds":1e308}',
  '{"maxAgeSeconds":"600","domainHint":"\\u0000","loginHint":"\\ud800"}',
  '{"sessionId":{},"userId":[],"limit":-1,"search":0,"after":{},"before":[]}',
  '{"sessionId":"","userId":"\\u0000","limit":1e9,"search":"%_\\\\"}',
  '{"0":{},"1":{}}',
  '{"0":null,"1":1,"__proto__":{}}',
  '[{"state":"s"}]',
  '{"json":{},"meta":{"values":{"__proto__":["map"]}}}',
  '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
  '--x\r\ncontent-disposition: form-data; name="__proto__"; filename="../../x"\r\ncontent-type: \xff\r\n\r\n\0\r\n--x',
  "logout_token=eyJhbGciOiJub25lIn0.e30.",
  `logout_token=${"a".repeat(5000)}`,
  `{"state":"${"x".repeat(20_000)}"}`,
  `{"scopes":[${'"a",'.repeat(5000)}"a"]}`,
  `{${Array.from({ length: 60 }, (_, index) => `"p${index}":"x"`).join(",")}}`,
  `${"[".repeat(10_000)}${"]".repeat(10_000)}`,
  `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`,
  `{"returnUrl":${"[".repeat(10_000)}${"]".repeat(10_000)}}`,
  `{"state":${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}}`,
];

export const contentTypes: readonly string[] = [
  "application/json; charset=utf-8",
  "application/json; charset=\u00ff",
  "application/json, text/plain",
  "APPLICATION/JSON",
  "application/jsonp",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "multipart/form-data",
  'multipart/form-data; boundary="',
  "multipart/form-data; boundary=\u00ff",
  "multipart/mixed; boundary=x",
  "application/octet-stream",
  "text/plain",
  "text/csv",
  "*/*",
  "/",
  ";",
  "",
];

/** Returns `Cookie` headers for an app whose cookies have these names. */
export function listCookies({
  session,
  flowPrefix,
}: CookieNames): readonly string[] {
  const token = `${"i".repeat(22)}.${"s".repeat(43)}`;
  return [
    "",
    "=",
    ";;;",
    session,
    `${session}=`,
    `=${session}`,
    `${session}==;=;`,
    `${session}=x.y`,
    `${session}="a.b"`,
    `${session}=%00%ff`,
    `${session}=${token}`,
    `${session}=${token}; ${session}=x`,
    `\u00a0${session}=${token}`,
    `__proto__=x; constructor=y; ${flowPrefix}__proto__=z`,
    `$Version=1; ${session}=x; $Path=/`,
    "\u00ff\u00fe=\u00fd; \u00e2\u0082\u00ac=1",
    `${flowPrefix}=x; ${flowPrefix}a; ${flowPrefix}a=; ${flowPrefix}a=b.c`,
    `${session}=${"x".repeat(6000)}`,
    Array.from({ length: 200 }, (_, index) => `${flowPrefix}${index}=x`).join(
      "; ",
    ),
    Array.from(
      { length: 60 },
      (_, index) => `${flowPrefix}${index}=${"b".repeat(43)}.${index}`,
    ).join("; "),
    `a=b,${session}=c`,
    "__Host-Http-session=a.b; __Host-session=c",
  ];
}

/** Headers with unexpected values. The server, tRPC or Hono read some of them. */
export const strangeHeaders: readonly (readonly [string, string])[] = [
  ["origin", "https://evil.test"],
  ["origin", "null"],
  ["origin", ""],
  ["origin", "%"],
  ["sec-fetch-site", "cross-site"],
  ["sec-fetch-site", "same-site"],
  ["sec-fetch-site", "\u00ff"],
  ["x-forwarded-for", "203.0.113.7, ::1, unknown"],
  ["x-forwarded-for", ",,,::::,999.1.1.1,<script>"],
  ["x-forwarded-for", "a,".repeat(2000)],
  ["x-forwarded-host", "evil.test"],
  ["x-forwarded-proto", "https"],
  ["forwarded", 'for="[::1]";host=evil.test;proto=https'],
  ["x-original-url", "/trpc/auth.me"],
  ["x-rewrite-url", "/trpc/auth.me"],
  ["x-http-method-override", "DELETE"],
  ["trpc-accept", "application/jsonl"],
  ["trpc-accept", "\u00ff"],
  ["accept", "text/html"],
  ["accept", "text/event-stream"],
  ["accept", "*/*;q=x"],
  ["accept-encoding", "br;q=x, *, gzip, zstd"],
  ["accept-language", "\u00ff"],
  ["content-encoding", "gzip"],
  ["range", "bytes=-1"],
  ["range", "bytes=0-0,5-,x"],
  ["if-none-match", '"x", *'],
  ["if-modified-since", "never"],
  ["user-agent", "\u00ff".repeat(500)],
  ["user-agent", ""],
  ["last-event-id", "x"],
  ["authorization", "Bearer eyJ.x.y"],
  ["authorization", "Basic %"],
  ["x-trpc-source", "react"],
  ["__proto__", "x"],
  ["constructor", "x"],
  ["te", "trailers"],
  ["via", "1.1 a, 1.1 b"],
  ["upgrade-insecure-requests", "1"],
  ["x-y", "z".repeat(3000)],
];
