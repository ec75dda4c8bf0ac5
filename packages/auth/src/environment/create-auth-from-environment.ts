import type { Auth } from "../core/auth.js";
import type { ColumnValues, NoColumns } from "../core/stores/user-extension.js";
import { AuthError, isAuthError } from "../core/error.js";
import { createComposition } from "./composition.js";
import type { Composition, EnvironmentOptions } from "./composition.js";
import { createLateObject } from "./late.js";

/** An `Auth` that reads the environment and opens the database when it is first used. */
export interface EnvironmentAuth<Columns = NoColumns> extends Auth<Columns> {
  /**
   * Resolves when the variables are valid and the database is open, migrated and readable. Call it before the server
   * listens, and as a readiness probe.
   *
   * @throws {EnvironmentError} naming the variables that are missing or malformed, with the remedy.
   * @throws {AuthError} `store_unavailable` if the database does not respond. Call it again later.
   */
  ready(): Promise<void>;
  /** Stops the housekeeping, writes the pending entries of the audit trail, and closes the database. */
  close(): Promise<void>;
}

/** How long `close` waits for the audit trail. Entries that are then still pending are logged. */
const auditMilliseconds = 2000;

/**
 * Creates the sign-in layer of one application from environment variables. Nothing is read or opened before the first
 * use. A variable is neither read nor required if its option is given. With the option `stores`, no database is opened.
 *
 * The first use throws an {@link EnvironmentError} that names each missing or malformed variable.
 */
export function createAuthFromEnvironment<Columns = NoColumns>(
  options: EnvironmentOptions<Columns> = {},
): EnvironmentAuth<ColumnValues<Columns>> {
  let composition: Composition<ColumnValues<Columns>> | undefined;
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
  // Another copy of this module may already have closed it.
  if (openings.get(key) !== opening) return;
  openings.delete(key);
  await opened?.database.close();
}

function nameDatabase(error: unknown): never {
  if (isAuthError(error) && error.code === "store_unavailable")
    throw new AuthError(
      "store_unavailable",
      "DATABASE_URL names a database that does not respond: start it, or correct its host, user and password.",
      { cause: error },
    );
  throw error;
}
