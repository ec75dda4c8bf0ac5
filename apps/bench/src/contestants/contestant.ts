import type { HttpRequest } from "../load/http-client.js";
import type { Browser } from "../load/browser.js";
import type { Person } from "../provider/person.js";

/** The folder, origins and files of one run of a server. */
export interface Place {
  readonly port: number;
  readonly origin: string;
  /** The origin of the identity provider. */
  readonly provider: string;
  /** The path of the SQLite database, or the URL of a PostgreSQL database. */
  readonly databasePath: string;
}

/** A server that is compared, and how to use it. */
export interface Contestant {
  readonly name: ContestantName;
  /** What it is, for the table. */
  readonly description: string;
  /** What it does and what it leaves out, for the table. */
  readonly work: string;
  /** The packages whose versions the table names. */
  readonly packages: readonly string[];
  /** The file that Node runs. */
  readonly program: string;
  readonly environment: (place: Place) => Readonly<Record<string, string>>;
  /** Signs the person in. @throws {Error} if the response does not name them. */
  readonly signIn: (browser: Browser, person: Person) => Promise<void>;
  /** Whether `signIn` is this contestant's own, and therefore measured. */
  readonly hasOwnSignIn: boolean;
  /** Returns the user of the session. */
  readonly me: RequestOfSession;
  /** A procedure that only signed-in users may call. */
  readonly procedure: RequestOfSession | undefined;
  /** The path of the page that people open first. */
  readonly page: string | undefined;
  /** Whether users and sessions are rows of a database. */
  readonly hasDatabase: boolean;
}

/** A GET with the session cookie, and text of the person that the body must contain. */
export interface RequestOfSession {
  readonly request: HttpRequest;
  readonly expected: (person: Person) => string;
}

export type ContestantName =
  | "bare"
  | "msal"
  | "openid-client"
  | "better-auth"
  | "auth-js"
  | "trpc-hono"
  | "trpc-express"
  | "entrada"
  | "entrada-package"
  | "compare";
