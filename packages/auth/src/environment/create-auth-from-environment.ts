import type { Auth } from "../core/auth.js";
import { AuthError, isAuthError } from "../core/error.js";
import { createComposition } from "./composition.js";
import type { Composition, EnvironmentOptions } from "./composition.js";
import { createLateObject } from "./late.js";

/** An `Auth` that reads the environment and opens the database when it is first used. */
export interface EnvironmentAuth extends Auth {
  /**
   * Resolves when the variables are checked and the database is open, migrated and readable. Call it before the server
   * listens, and as readiness probe.
   *
   * @throws {EnvironmentError} naming the variables that are missing or malformed, with the remedy.
   * @throws {AuthError} `store_unavailable` if the database does not answer. It may later: call it again.
   */
  ready(): Promise<void>;
  /** Stops the deletion of expired rows, writes what is left of the audit trail, and closes the database. */
  close(): Promise<void>;
}

/** How long `close` waits for the audit trail; the entries that are left are logged. */
const auditMilliseconds = 2000;

/**
 * Creates the sign-in layer of one application from the variables of its environment. Nothing is read or opened before
 * the first use. A variable whose option is given is neither read nor required; given `stores`, no database is opened.
 *
 * The first use throws an {@link EnvironmentError} if a variable is missing or malformed.
 */
export function createAuthFromEnvironment(
  options: EnvironmentOptions = {},
): EnvironmentAuth {
  let composition: Composition | undefined;
  const compose = () => (composition ??= createComposition(options));
  return createLateObject(
    {
      ready: async () => {
        const { database } = await compose().open().catch(nameDatabase);
        await database.check();
      },
      close: async () => {
        if (composition !== undefined) await close(composition);
      },
    },
    () => compose().auth,
  );
}

async function close({
  auditTrail,
  openings,
  key,
}: Composition): Promise<void> {
  const opening = openings.get(key);
  const opened = await opening?.catch(() => undefined);
  await opened?.stopHousekeeping();
  await auditTrail.settle(AbortSignal.timeout(auditMilliseconds));
  // Another copy of this module may have closed it meanwhile.
  if (openings.get(key) !== opening) return;
  openings.delete(key);
  await opened?.database.close();
}

function nameDatabase(error: unknown): never {
  if (isAuthError(error) && error.code === "store_unavailable")
    throw new AuthError(
      "store_unavailable",
      "DATABASE_URL names a database that does not answer: start it, or correct its host, user and password.",
      { cause: error },
    );
  throw error;
}
