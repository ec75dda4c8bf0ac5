import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { demoApp } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";
import type { Auth } from "../../../src/core/auth.js";
import { createAuth } from "../../../src/core/create-auth.js";
import type { AuthOptions } from "../../../src/core/options.js";
import type { CorsOptions } from "../../../src/hosts/cors.js";
import { createSqliteStores } from "../../../src/drizzle/sqlite/stores.js";
import { createMsalClient } from "../../../src/msal/msal-client.js";
import { openMigratedTestDatabase } from "../../sqlite-test-database.js";

/** How a test arranges the app in its host. */
export interface HostSetup {
  /** The middleware or plugin of the app's own that stands before the adapter. */
  readonly before?: HostPart | undefined;
  /** The body parser that stands after the adapter. */
  readonly after?: "formParser" | undefined;
  /** Whether the adapter, its routes and guards are in a sub-application below `/api`. */
  readonly isMounted?: boolean | undefined;
  readonly basePath?: string | undefined;
  readonly cors?: CorsOptions | undefined;
  /** The path of the app's address. */
  readonly appPath?: string | undefined;
}

/** A part of an app. */
export type HostPart =
  "formParser" | "rawBodyReader" | "cookie" | "startedResponse";

/** What an app of a host is made of. */
export interface HostParts extends HostSetup {
  readonly auth: Auth;
  /** Records that a handler of the app has run. */
  readonly record: (name: string) => void;
}

/**
 * A host under test. Its app has these routes, below `/api` if it is mounted:
 *
 * - `GET /`: `{ name }` of the session, or null
 * - `GET /reports` and `POST /reports`, guarded: the user
 * - `GET /admin`, guarded by the role `Admin`: the session
 * - `GET /auditors`, guarded by the roles `Auditor` and `Admin`: the session
 * - `GET /fabrikam`, guarded by the tenant of Fabrikam: the session
 * - `GET /forgotten`, without a guard: `sessionOf`
 * - `GET` of the paths of `bearerOptions`, and `POST /orders`, guarded by `requireBearer`: who sent the request
 * - `GET /forgotten-orders`, without a guard: `bearerOf`
 * - `POST /open`: `{ name, note }` with the form field `note` if the app parses forms
 * - any other path: 404 with `{ own: true }`
 *
 * Every handler is recorded by its path.
 */
export interface HostUnderTest {
  readonly name: string;
  readonly createListener: (
    parts: HostParts,
  ) => RequestListener | Promise<RequestListener>;
  /** The parts that the host has. */
  readonly parts: readonly HostPart[];
  /** Whether the host's router decodes the path before it finds a route. */
  readonly decodesPaths: boolean;
  readonly canMount: boolean;
}

/** A running app. */
export interface RunningApp {
  readonly origin: string;
  readonly auth: Auth;
  /** The names of the handlers that have run. */
  readonly handled: readonly string[];
  forgetHandled(): void;
  /** Makes the database fail from now on. */
  breakDatabase(): void;
  close(): Promise<void>;
}

/** Starts an app of the host on a free port, with an emulator as its identity provider and a SQLite database. */
export async function startApp(
  host: HostUnderTest,
  emulator: EntraEmulator,
  {
    options = {},
    ...setup
  }: HostSetup & { readonly options?: Partial<AuthOptions> },
): Promise<RunningApp> {
  // The address must be known before the app is created.
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const origin = `http://localhost:${readPort(server.address())}`;
  const { database, close } = openMigratedTestDatabase();
  const appUrl = options.appUrl ?? `${origin}${setup.appPath ?? ""}`;
  const auth = createAuth({
    appUrl,
    sameSite: "lax",
    stores: createSqliteStores(database),
    secrets: [new Uint8Array(32).fill(5)],
    identityClient: createMsalClient({
      authority: emulator.origin,
      tenant: "organizations",
      clientId: demoApp.clientId,
      clientSecret: demoApp.clientSecret,
      redirectUri: `${appUrl}${setup.basePath ?? "/auth"}/callback`,
    }),
    ...options,
  });
  const handled: string[] = [];
  const record = (name: string) => handled.push(name);
  server.on("request", await host.createListener({ ...setup, auth, record }));
  return {
    origin,
    auth,
    handled,
    forgetHandled: () => {
      handled.length = 0;
    },
    breakDatabase: () => database.close(),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      close();
    },
  };
}

function readPort(address: AddressInfo | string | null): number {
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("The server does not listen.");
}
