import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readPublicExports } from "./support/public-exports.js";

interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly publishConfig: {
    readonly exports: Readonly<
      Record<
        string,
        string | { readonly types: string; readonly default: string }
      >
    >;
  };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<
    Record<string, { readonly optional?: boolean }>
  >;
}

const manifest: Manifest = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
);
const isModule = ([, entry]: readonly [string, string]) =>
  entry.endsWith(".ts");
const subpaths = Object.entries(manifest.exports).filter(isModule);

function listNames(entry: string, isType: boolean): readonly string[] {
  return readPublicExports(entry)
    .filter((found) => found.isType === isType)
    .map(({ name }) => name)
    .toSorted();
}

describe("package.json", () => {
  it("publishes every subpath under the name it has in the workspace", () => {
    const published = Object.fromEntries(
      Object.entries(manifest.exports).map(([subpath, entry]) => {
        if (!isModule([subpath, entry])) return [subpath, entry];
        const name = entry.replace("./src/", "./dist/").replace(/\.ts$/, "");
        return [subpath, { types: `${name}.d.ts`, default: `${name}.js` }];
      }),
    );

    expect(manifest.publishConfig.exports).toEqual(published);
  });

  it("has frameworks and drivers as optional peer dependencies", () => {
    const names = [
      "@entrada/entra-emulator",
      "@trpc/server",
      "better-sqlite3",
      "drizzle-orm",
      "express",
      "fastify",
      "hono",
      "next",
      "pg",
      "react",
    ];

    expect(Object.keys(manifest.peerDependencies)).toEqual(names);
    expect(manifest.peerDependenciesMeta).toEqual(
      Object.fromEntries(names.map((name) => [name, { optional: true }])),
    );
    expect(Object.keys(manifest.dependencies)).not.toContain("better-sqlite3");
    expect(Object.keys(manifest.dependencies)).not.toContain("pg");
  });
});

describe("the public API", () => {
  it.each(subpaths)("documents every export of %s", (_, entry) => {
    const undocumented = readPublicExports(entry).filter(
      ({ isDocumented }) => !isDocumented,
    );

    expect(undocumented.map(({ name }) => name)).toEqual([]);
  });

  it.each(subpaths)(
    "exports every name of %s explicitly, without default or star exports",
    (_, entry) => {
      const names = readPublicExports(entry).map(({ name }) => name);

      expect(names).not.toEqual([]);
      expect(
        names.filter(
          (name) => !/^[A-Za-z]\w*$/.test(name) || name === "Default",
        ),
      ).toEqual([]);
    },
  );

  it("exports these values", () => {
    const values = Object.fromEntries(
      subpaths.map(([subpath, entry]) => [subpath, listNames(entry, false)]),
    );

    expect(values).toMatchInlineSnapshot(`
      {
        ".": [
          "AuthError",
          "aal1",
          "aal2",
          "aal3",
          "authErrorCodes",
          "consumerTenantId",
          "createAuditTrail",
          "createAuth",
          "createIdentityProvider",
          "findAuthorityMistake",
          "isAuthError",
          "isAuthErrorCode",
          "isLoopbackHost",
          "parseCallback",
          "parseReturnUrl",
          "proxyVariables",
          "readProxySettings",
        ],
        "./drizzle/postgres": [
          "SchemaError",
          "checkPostgres",
          "createPostgresStores",
          "createSchema",
          "formatTriggers",
          "migratePostgres",
          "postgresMigrations",
        ],
        "./drizzle/sqlite": [
          "SchemaError",
          "checkSqlite",
          "createSchema",
          "createSqliteStores",
          "formatTriggers",
          "migrateSqlite",
          "sqliteMigrations",
        ],
        "./environment": [
          "EnvironmentError",
          "createAuthFromEnvironment",
          "describeError",
          "environmentVariables",
          "readDatabaseAddress",
        ],
        "./express": [
          "authMiddleware",
          "bearerOf",
          "requireBearer",
          "requireSession",
          "sessionOf",
        ],
        "./fastify": [
          "authPlugin",
          "bearerOf",
          "requireBearer",
          "requireSession",
          "sessionOf",
        ],
        "./hono": [
          "authMiddleware",
          "bearerOf",
          "requireBearer",
          "requireSession",
          "sessionOf",
        ],
        "./http": [
          "clientAddressReaderOf",
          "createAuthHandler",
          "createChannelSignOutHandler",
          "createClientAddressReader",
          "createCommonHeaders",
          "createErrorResponse",
          "createPageHeaders",
          "createRateLimiter",
          "createRequestAuthFactory",
          "createSessionCookieReader",
          "formatError",
          "isStateChanging",
          "requireOwnOrigin",
          "requireSameOrigin",
          "toFailure",
          "toStatus",
        ],
        "./msal": [
          "createMsalClient",
          "parseCertificates",
          "parseClientCertificate",
          "parseClientKey",
        ],
        "./next": [
          "createRouteHandlers",
          "getSession",
          "requireSession",
          "withBearer",
          "withSession",
        ],
        "./node": [
          "getSession",
          "requireBearer",
          "requireSession",
          "toNodeHandler",
        ],
        "./react": [
          "AuthProvider",
          "RequireAuth",
          "SignedIn",
          "SignedOut",
          "canRetryCallback",
          "createAuthClient",
          "parseAuthFailure",
          "readCallbackParameters",
          "useAuth",
        ],
        "./testing": [
          "createFakeIdentityClient",
          "createFakeIdentityProvider",
          "createMemoryStores",
          "createPartitionKey",
          "createProviderSessionId",
          "createTestAuth",
          "createTestClock",
          "createTestCore",
          "describeStores",
          "emulatorServer",
          "signIn",
          "signInAs",
          "signInAtProvider",
          "testOrigin",
          "testPeople",
          "testTenants",
        ],
        "./testing/emulator": [
          "setup",
        ],
        "./trpc": [
          "createAdministrationProcedures",
          "createAuthProcedures",
          "createErrorShape",
          "createTrpcHandler",
          "createTrpcNodeHandler",
          "formatAuthError",
          "trpcOptions",
        ],
      }
    `);
  });

  it("exports these types", () => {
    const types = Object.fromEntries(
      subpaths.map(([subpath, entry]) => [subpath, listNames(entry, true)]),
    );

    expect(types).toMatchInlineSnapshot(`
      {
        ".": [
          "AccessToken",
          "AccessTokenRequest",
          "ActiveSession",
          "ActiveUser",
          "Administration",
          "Admission",
          "AdmittedSignIn",
          "AuditEntry",
          "AuditListRequest",
          "AuditPage",
          "AuditQuery",
          "AuditRecord",
          "AuditRecordId",
          "AuditStore",
          "AuditTrail",
          "AuditTrailEntry",
          "AuditTrailOptions",
          "AuditedEventType",
          "Auth",
          "AuthErrorCode",
          "AuthErrorOptions",
          "AuthEvent",
          "AuthEventListener",
          "AuthOptions",
          "AuthorizationRequest",
          "Bearer",
          "BearerApplication",
          "BearerUser",
          "BrowserToken",
          "Callback",
          "CallbackParameters",
          "CodeExchange",
          "CodeVerifier",
          "ColumnOf",
          "ColumnValues",
          "CompletedFlow",
          "CompletedSignIn",
          "DeletedRows",
          "DeletionFailure",
          "DeletionResult",
          "Digest",
          "EndedSession",
          "ExportedEvent",
          "ExportedSession",
          "ExportedUser",
          "Flow",
          "FlowId",
          "FlowRequest",
          "FlowStore",
          "IdTokenClaims",
          "IdentityClient",
          "IdentityProvider",
          "IdentityProviderOptions",
          "InitiatedFlow",
          "Lease",
          "LeaseStore",
          "ManagedUser",
          "NamedFlow",
          "NoColumns",
          "Nonce",
          "ObjectId",
          "OnSignIn",
          "OnSignedIn",
          "OwnSession",
          "ParsedCallback",
          "ParsedSessionToken",
          "PartitionKey",
          "Prompt",
          "ProviderError",
          "ProviderMetadata",
          "ProviderSignOutScope",
          "ProxySettings",
          "RateCount",
          "RateLimitStore",
          "ReturnUrl",
          "SameSite",
          "Sealed",
          "Session",
          "SessionEndReason",
          "SessionId",
          "SessionStore",
          "SessionTimeouts",
          "SessionToken",
          "SessionWithUser",
          "SignIn",
          "SignInDecision",
          "SignInResult",
          "SignOutOptions",
          "SigningKey",
          "SilentTokenRequest",
          "State",
          "StoredSession",
          "Stores",
          "TenantId",
          "TenantRule",
          "TokenAnswer",
          "TokenCachePartition",
          "TokenCacheStore",
          "User",
          "UserAuditQuery",
          "UserColumns",
          "UserExport",
          "UserExtension",
          "UserId",
          "UserListRequest",
          "UserPage",
          "UserProfile",
          "UserQuery",
          "UserStore",
          "Users",
        ],
        "./drizzle/postgres": [
          "Migration",
          "PostgresMigrationOptions",
          "PostgresNames",
          "PostgresStoreOptions",
          "PostgresTables",
        ],
        "./drizzle/sqlite": [
          "Migration",
          "SqliteMigrationOptions",
          "SqliteNames",
          "SqliteStoreOptions",
          "SqliteTables",
        ],
        "./environment": [
          "DatabaseAddress",
          "Environment",
          "EnvironmentAuth",
          "EnvironmentOptions",
          "Logger",
        ],
        "./express": [
          "AuthRequest",
          "BearerOptions",
          "ExpressMiddleware",
          "HostOptions",
          "SessionRequirement",
        ],
        "./fastify": [
          "AuthPluginOptions",
          "BearerOptions",
          "FastifyHook",
          "HostOptions",
          "SessionRequirement",
        ],
        "./hono": [
          "BearerOptions",
          "HostOptions",
          "SessionRequirement",
        ],
        "./http": [
          "AuthHandler",
          "AuthHandlerOptions",
          "ChannelSignOutHandlerOptions",
          "ClientAddressOptions",
          "CookieSettings",
          "CreateRequestAuth",
          "ErrorRepresentation",
          "FailedNavigation",
          "HttpExchange",
          "LimitedAction",
          "OriginCheck",
          "PageSecurity",
          "RateLimiter",
          "RateLimiterOptions",
          "ReadClientAddress",
          "ReadHeader",
          "RenderError",
          "RequestAuth",
          "RequestAuthOptions",
          "ResponseHeaders",
          "SecuritySettings",
        ],
        "./msal": [
          "ClientCredential",
          "MsalClientOptions",
        ],
        "./next": [
          "BearerOptions",
          "HostOptions",
          "PageRequirement",
          "RouteHandler",
          "SessionRequirement",
        ],
        "./node": [
          "BearerOptions",
          "HostOptions",
          "NodeListener",
          "SessionRequirement",
        ],
        "./react": [
          "ActiveSession",
          "ActiveUser",
          "AuditTrailEntry",
          "AuthActions",
          "AuthClient",
          "AuthErrorCode",
          "AuthFailure",
          "AuthFailureCode",
          "AuthProcedures",
          "AuthProviderProps",
          "AuthState",
          "BrowserPage",
          "CallbackParameters",
          "CompletionOptions",
          "GateProps",
          "ManagedUser",
          "NoUserState",
          "OwnSession",
          "PageEvent",
          "Prompt",
          "ProviderError",
          "RequireAuthProps",
          "Session",
          "SignInRequest",
          "SignInResult",
          "SignedInState",
          "TabMessage",
          "UseAuthResult",
        ],
        "./testing": [
          "EmulatorServer",
          "EmulatorServerOptions",
          "FakeIdTokenRequest",
          "FakeIdentityClient",
          "FakeIdentityClientOptions",
          "FakeIdentityProvider",
          "FakeIdentityProviderOptions",
          "FakeOperation",
          "FakeSignature",
          "KeySetChange",
          "OpenedStores",
          "PublishedEndpoint",
          "SignInParts",
          "SignedInPerson",
          "TestAuth",
          "TestAuthOptions",
          "TestCallback",
          "TestClock",
          "TestCookie",
          "TestCore",
          "TestFramework",
          "TestPerson",
          "TestSession",
          "TestSignIn",
          "TokenChange",
        ],
        "./testing/emulator": [],
        "./trpc": [
          "AdministrationOptions",
          "AuthContext",
          "AuthErrorShape",
          "TrpcContextOptions",
          "TrpcExchange",
          "TrpcFailure",
          "TrpcHandler",
          "TrpcHandlerOptions",
          "TrpcHostOptions",
          "TrpcLimits",
          "TrpcOptions",
        ],
      }
    `);
  });
});
