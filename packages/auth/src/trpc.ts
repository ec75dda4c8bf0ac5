export { createAuthProcedures } from "./trpc/auth-procedures.js";
export type {
  AuthContext,
  SignInAnswer,
  SignedInContext,
} from "./trpc/auth-procedures.js";
export { createErrorShape, formatAuthError } from "./trpc/error-formatter.js";
export type { AuthErrorShape } from "./trpc/error-formatter.js";
