import { serverFile } from "../processes/build-servers.js";
import { signInAtBare } from "./bare-sign-in.js";
import type { Contestant, Place } from "./contestant.js";

const objectIdOf: Contestant["me"]["expected"] = ({ objectId }) => objectId;

/** Returns what the servers of the benchmark read from their environment. */
export function createEnvironment({
  provider,
  databasePath,
}: Place): Readonly<Record<string, string>> {
  return { PROVIDER: provider, DATABASE: databasePath };
}

/** The server that all others are compared with. */
export const bare: Contestant = {
  name: "bare",
  description: "node:http and prepared SQLite statements",
  work: "The least a sign-in needs: state, nonce, PKCE, a flow and a session in SQLite, signature and claims of the ID token verified. No CSRF check, no limits, no log, no errors for people.",
  packages: ["better-sqlite3"],
  program: serverFile("bare"),
  environment: createEnvironment,
  signIn: signInAtBare,
  hasOwnSignIn: true,
  me: { request: { path: "/me" }, expected: objectIdOf },
  procedure: { request: { path: "/me" }, expected: objectIdOf },
  page: "/",
  hasDatabase: true,
};
