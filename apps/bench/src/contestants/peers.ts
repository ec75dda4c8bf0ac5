import { serverFile } from "../processes/build-servers.js";
import { bare } from "./bare.js";
import type { Contestant } from "./contestant.js";
import {
  signInAtAuthJs,
  signInAtBetterAuth,
  signInByNavigations,
} from "./navigations.js";
import { greetingProcedure, meProcedure } from "./procedures.js";

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

const betterAuth: Contestant = {
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

/** Other libraries. */
export const peers: readonly Contestant[] = [
  msal,
  openidClient,
  betterAuth,
  authJs,
  trpcHono,
  trpcExpress,
];
