export { createAuthFromEnvironment } from "./environment/create-auth-from-environment.js";
export type { EnvironmentAuth } from "./environment/create-auth-from-environment.js";
export type { EnvironmentOptions } from "./environment/composition.js";
export { EnvironmentError } from "./environment/variable-reader.js";
export type { Environment } from "./environment/variable-reader.js";
export { describeError } from "./environment/logger.js";
export type { Logger } from "./environment/logger.js";
export {
  environmentVariables,
  readDatabaseAddress,
} from "./environment/settings.js";
export type { DatabaseAddress } from "./environment/database/database-url.js";
