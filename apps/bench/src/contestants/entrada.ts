import { packageServerFile } from "../processes/build-servers.js";
import { registration } from "../provider/registration.js";
import { createEnvironment } from "./bare.js";
import type { Contestant } from "./contestant.js";
import {
  greetingProcedure,
  meProcedure,
  signInByProcedures,
} from "./procedures.js";

/** Creates the contestant for a built server of Entrada. */
export function createEntrada(program: string): Contestant {
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

/** An app that uses the package. */
export const entradaPackage: Contestant = {
  ...createEntrada(packageServerFile),
  name: "entrada-package",
  description: "@entrada/auth from its package, composed by hand",
  work: "The same sign-in with the package's host of tRPC, without audit trail, log and pages.",
  packages: ["@trpc/server"],
  environment: createEnvironment,
  page: undefined,
};
