import { packageServerFile, serverFile } from "../processes/build-servers.js";
import { registration } from "../provider/registration.js";
import { signInAtBare } from "./bare-sign-in.js";
import type { Contestant, Place } from "./contestant.js";
import {
  signInAtAuthJs,
  signInAtBetterAuth,
  signInByNavigations,
} from "./navigations.js";
import {
  greetingProcedure,
  meProcedure,
  signInByProcedures,
} from "./procedures.js";

/** The built servers of Entrada. */
export interface EntradaFiles {
  readonly server: string;
  /** Another build of the server to compare with. */
  readonly compare: string | undefined;
}

const objectIdOf: Contestant["me"]["expected"] = ({ objectId }) => objectId;

function readEnvironment({ provider, databasePath }: Place) {
  return { PROVIDER: provider, DATABASE: databasePath };
}

const bare: Contestant = {
  name: "bare",
  description: "node:http and prepared SQLite statements",
  work: "The least a sign-in needs: state, nonce, PKCE, a flow and a session in SQLite, signature and claims of the ID token verified. No CSRF check, no limits, no log, no errors for people.",
  packages: ["better-sqlite3"],
  program: serverFile("bare"),
  environment: readEnvironment,
  signIn: signInAtBare,
  hasOwnSignIn: true,
  me: { request: { path: "/me" }, expected: objectIdOf },
  procedure: { request: { path: "/me" }, expected: objectIdOf },
  page: "/",
  hasDatabase: true,
};

const msal: Contestant = {
  ...bare,
  name: "msal",
  description: "MSAL Node alone, tuned",
  work: "State, nonce and PKCE by MSAL, which verifies nonce and state and no signature. One application for all, emptied after each sign-in; flows and sessions in memory.",
  packages: ["@azure/msal-node"],
  program: serverFile("msal"),
  signIn: signInByNavigations,
  procedure: undefined,
  page: undefined,
  hasDatabase: false,
};

const openidClient: Contestant = {
  ...msal,
  name: "openid-client",
  description: "openid-client with iron-session",
  work: "State, nonce and PKCE; claims of the ID token verified, its signature not (its default). Flow and session are sealed cookies: no database, and no session can be ended.",
  packages: ["openid-client", "iron-session"],
  program: serverFile("openid-client"),
};

const betterAuthContestant: Contestant = {
  ...msal,
  name: "better-auth",
  description: "better-auth with its Microsoft provider",
  work: "State and PKCE, no nonce; claims of the ID token read without verifying them. Users, accounts and sessions in SQLite. Its rate limit is off.",
  packages: ["better-auth"],
  program: serverFile("better-auth"),
  signIn: signInAtBetterAuth,
  me: {
    request: { path: "/api/auth/get-session" },
    expected: ({ userName }) => userName,
  },
  hasDatabase: true,
};

const authJs: Contestant = {
  ...msal,
  name: "auth-js",
  description: "Auth.js on Express",
  work: "PKCE and a token against CSRF, but neither state nor nonce (its default); claims of the ID token verified, its signature not. It reads the discovery document twice in each sign-in. The session is an encrypted cookie: no database, and no session can be ended. Its generic provider, because its Microsoft one refuses http on loopback.",
  packages: ["@auth/core", "@auth/express", "express"],
  program: serverFile("auth-js"),
  signIn: signInAtAuthJs,
  me: {
    request: { path: "/auth/session" },
    expected: ({ userName }) => userName,
  },
};

const trpcHono: Contestant = {
  ...bare,
  name: "trpc-hono",
  description: "tRPC's Fetch host on Hono",
  work: "One guard that reads the session by a raw SELECT. No CSRF check, no limits.",
  packages: ["@trpc/server", "hono", "@hono/node-server"],
  program: serverFile("trpc-hono"),
  hasOwnSignIn: false,
  me: meProcedure,
  procedure: greetingProcedure,
  page: undefined,
};

const trpcExpress: Contestant = {
  ...trpcHono,
  name: "trpc-express",
  description: "tRPC's Express host",
  packages: ["@trpc/server", "express"],
  program: serverFile("trpc-express"),
};

function createEntrada(program: string): Contestant {
  return {
    name: "entrada",
    description: "Entrada's built server",
    work: "Everything: the sign-in of this repository, with its checks, limits, audit trail and log.",
    packages: [],
    program,
    environment: ({ provider, databasePath, origin }) => ({
      APP_URL: origin,
      DATABASE_URL: databasePath.startsWith("postgres:")
        ? databasePath
        : `file:${databasePath}`,
      AUTH_SECRET: Buffer.alloc(32, 7).toString("base64"),
      ENTRA_AUTHORITY: provider,
      ENTRA_CLIENT_ID: registration.clientId,
      ENTRA_CLIENT_SECRET: registration.clientSecret,
      // The limit stays on, so that its cost is measured; all people have the same address.
      SIGN_IN_RATE_PER_MINUTE: "1000000",
    }),
    signIn: signInByProcedures,
    hasOwnSignIn: true,
    me: meProcedure,
    procedure: greetingProcedure,
    page: "/",
    hasDatabase: true,
  };
}

const entradaPackage: Contestant = {
  ...createEntrada(packageServerFile),
  name: "entrada-package",
  description: "@entrada/auth from its package, composed by hand",
  work: "The same sign-in with the package's host of tRPC, without audit trail, log and pages.",
  packages: ["@trpc/server"],
  environment: readEnvironment,
  page: undefined,
};

/** Returns all contestants; `bare` is the first. */
export function listContestants({
  server,
  compare,
}: EntradaFiles): readonly Contestant[] {
  const entrada = createEntrada(server);
  return [
    bare,
    msal,
    openidClient,
    betterAuthContestant,
    authJs,
    trpcHono,
    trpcExpress,
    entrada,
    entradaPackage,
    ...(compare === undefined
      ? []
      : [
          {
            ...createEntrada(compare),
            name: "compare" as const,
            description: "Another build of Entrada's server",
          },
        ]),
  ];
}
