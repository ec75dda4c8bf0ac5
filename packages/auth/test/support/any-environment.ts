import * as fc from "fast-check";

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom(
    "",
    " ",
    "\0",
    "__proto__",
    "0",
    "-1",
    "1e3",
    "NaN",
    "\ud800",
  ),
);
const url = fc
  .tuple(
    fc.constantFrom(
      "https://",
      "http://",
      "HTTPS://",
      " https://",
      "https:\\\\",
      "https:",
    ),
    fc.constantFrom("", "", "", "user@", ":password@", "user:password@"),
    fc.constantFrom(
      "localhost",
      "127.0.0.1",
      "[::1]",
      "127.1",
      "localhost.",
      "LOCALHOST",
      "app.example.test",
      "evil.localhost.test",
      "0.0.0.0",
      "[::ffff:7f00:1]",
      "login.microsoftonline.com",
      "a b",
      "%41",
      "xn--",
      "\u3002",
    ),
    fc.constantFrom("", "", ":8443", ":0", ":65536", ":x"),
    fc.constantFrom(
      "",
      "",
      "",
      "/",
      "/path",
      "?query",
      "#fragment",
      "/?",
      "\\",
      "/.",
    ),
  )
  .map((parts) => parts.join(""));
const number = fc.oneof(
  fc.integer({ min: -10, max: 40_000_000 }).map(String),
  fc.double().map(String),
  fc.constantFrom(
    "0",
    "00",
    "1",
    " 1",
    "1 ",
    "0x10",
    "1_000",
    "+1",
    "1e5",
    "\u0661",
  ),
  fc.bigInt().map(String),
);
const secret = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .chain((bytes) =>
    fc.constantFrom(
      Buffer.from(bytes).toString("base64"),
      Buffer.from(bytes).toString("base64url"),
      Buffer.from(bytes).toString("hex"),
      `${Buffer.from(bytes).toString("base64")},${Buffer.alloc(32, 1).toString("base64")}`,
      `${Buffer.alloc(32, 1).toString("base64")}, `,
    ),
  );
const addresses = fc
  .array(
    fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc
        .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat({ max: 140 }))
        .map((parts) => parts.join("/")),
      fc.constantFrom(
        "::ffff:10.0.0.1",
        "::ffff:10.0.0.0/104",
        "fe80::1%eth0",
        "fe80::%eth0/10",
      ),
      fc.constantFrom(
        "10.0.0",
        "010.0.0.1",
        "0x7f.1",
        "10.0.0.0/08",
        "::/0",
        "::/000",
        "1.2.3.4/",
      ),
      fc.constantFrom(
        "64:ff9b::1.2.3.4",
        "::1.2.3.4/96",
        "2001:db8::/32 ",
        "::1%",
        "::1%/64",
      ),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.join(","));

const variables: Readonly<Record<string, fc.Arbitrary<string>>> = {
  NODE_ENV: fc.constantFrom(
    "production",
    "production",
    "development",
    "test",
    "Production",
  ),
  APP_URL: url,
  DATABASE_URL: fc.oneof(
    fc.constantFrom(
      "file:./x.db",
      "file:",
      "file:///tmp/x.db",
      "file://host/x",
      "file:///%ff",
      "file://%",
      "file:///a%2fb",
    ),
    fc.constantFrom("postgres://u:p@h/d", "postgresql:", ":memory:"),
    text.map((path) => `file:${path}`),
  ),
  AUTH_SECRET: secret,
  ENTRA_AUTHORITY: url,
  ENTRA_TENANT: fc.oneof(
    fc.uuid(),
    fc.domain(),
    fc.constantFrom("common", "Organizations", "consumers", ".."),
  ),
  ENTRA_ALLOWED_TENANTS: fc
    .array(
      fc.oneof(
        fc.uuid(),
        fc.uuid().map((id) => ` ${id.toUpperCase()}`),
        text,
      ),
    )
    .map((ids) => ids.join(",")),
  ENTRA_OPERATOR_TENANT: fc.oneof(fc.uuid(), text),
  ENTRA_CLIENT_ID: fc.oneof(fc.uuid(), text),
  ENTRA_CLIENT_SECRET: fc.oneof(secret, text),
  ENTRA_CLIENT_CERTIFICATE_FILE: fc.constantFrom(
    "/",
    "./no-such-file",
    "package.json",
    "\0",
  ),
  ENTRA_CLIENT_CERTIFICATE_KEY_FILE: fc.constantFrom(
    "/",
    "./no-such-file",
    "package.json",
    "\0",
  ),
  ENTRA_FEDERATED_TOKEN_FILE: fc.constantFrom(
    "/",
    "./no-such-file",
    "package.json",
    "\0",
  ),
  SESSION_IDLE_SECONDS: number,
  SESSION_ABSOLUTE_SECONDS: number,
  FLOW_SECONDS: number,
  SIGN_IN_RATE_PER_MINUTE: number,
  AUDIT_RETENTION_DAYS: number,
  TRUSTED_PROXIES: addresses,
  HTTPS_PROXY: url,
  HTTP_PROXY: url,
  NO_PROXY: text,
  HSTS_INCLUDE_SUBDOMAINS: fc.constantFrom("true", "false", "False", "0"),
  DATABASE_POOL_SIZE: number,
};
/** The names of all variables that the sign-in layer reads. */
export const variableNames = Object.keys(variables);
const withAnyText = Object.fromEntries(
  Object.entries(variables).map(([name, likely]) => [
    name,
    fc.option(
      fc.oneof(
        { weight: 8, arbitrary: likely },
        { weight: 1, arbitrary: text },
      ),
      { nil: undefined },
    ),
  ]),
);
/** A valid environment, so that a few wrong variables do not hide the others. */
const sound: Environment = {
  APP_URL: "https://app.example.test",
  AUTH_SECRET: Buffer.alloc(32, 7).toString("base64"),
  ENTRA_AUTHORITY: "https://login.microsoftonline.com",
  ENTRA_CLIENT_ID: "5f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10",
  ENTRA_CLIENT_SECRET: "a client secret",
};
/** Environments with any values, and valid ones with a few changes, because wrong variables hide one another. */
export const anyEnvironment: fc.Arbitrary<Environment> = fc.oneof(
  { weight: 1, arbitrary: fc.record(withAnyText, { requiredKeys: [] }) },
  { weight: 4, arbitrary: createFew({ NODE_ENV: "production", ...sound }) },
  { weight: 2, arbitrary: createFew(sound) },
  { weight: 4, arbitrary: createFew({}) },
);
/** Creates environments in which at most three variables differ from the given ones. */
function createFew(others: Environment): fc.Arbitrary<Environment> {
  return fc
    .subarray(variableNames, { maxLength: 3 })
    .chain((chosen) =>
      fc
        .record(
          Object.fromEntries(
            Object.entries(withAnyText).filter(([name]) =>
              chosen.includes(name),
            ),
          ),
        )
        .map((values) => ({ ...others, ...values })),
    );
}
