import { EnvironmentError } from "../variable-reader.js";

/**
 * Throws the error for a failed import of a database driver.
 *
 * @throws {EnvironmentError} with the command that installs the driver, if it is missing.
 */
export function explainMissingDriver(error: unknown, command: string): never {
  if (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND")
  )
    throw new EnvironmentError(
      [
        `DATABASE_URL names a database whose driver is not installed: ${command}`,
      ],
      { cause: error },
    );
  throw error;
}
