export { createAdministrationProcedures } from "./trpc/administration-procedures.js";
export type { AdministrationOptions } from "./trpc/administration-procedures.js";
export { createAuthProcedures } from "./trpc/auth-procedures.js";
export type { AuthContext } from "./trpc/auth-procedures.js";
export { createErrorShape, formatAuthError } from "./trpc/error-formatter.js";
export type { AuthErrorShape } from "./trpc/error-formatter.js";
