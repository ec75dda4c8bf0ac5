export { createAdministrationProcedures } from "./trpc/administration-procedures.js";
export type { AdministrationOptions } from "./trpc/administration-procedures.js";
export { createAuthProcedures } from "./trpc/auth-procedures.js";
export type { AuthContext } from "./trpc/auth-procedures.js";
export { createErrorShape, formatAuthError } from "./trpc/error-formatter.js";
export type { AuthErrorShape } from "./trpc/error-formatter.js";
export { createTrpcHandler } from "./trpc/host/fetch-handler.js";
export type { TrpcHandler } from "./trpc/host/fetch-handler.js";
export type {
  TrpcExchange,
  TrpcFailure,
  TrpcHandlerOptions,
  TrpcHostOptions,
  TrpcLimits,
} from "./trpc/host/host-options.js";
export { createTrpcNodeHandler } from "./trpc/host/node-handler.js";
export { trpcOptions } from "./trpc/host/trpc-options.js";
export type {
  TrpcContextOptions,
  TrpcOptions,
} from "./trpc/host/trpc-options.js";
