export {
  createAuthHandler,
  createChannelSignOutHandler,
} from "./http/handler/auth-handler.js";
export type {
  AuthHandler,
  AuthHandlerOptions,
  ChannelSignOutHandlerOptions,
} from "./http/handler/auth-handler.js";
export type { FailedNavigation } from "./http/handler/auth-page.js";
export type { RenderError } from "./http/handler/failure-response.js";
export { createRequestAuthFactory } from "./http/request-auth.js";
export type {
  RequestAuth,
  RequestAuthOptions,
  CreateRequestAuth,
} from "./http/request-auth.js";
export type { HttpExchange } from "./http/exchange.js";
export { clientAddressReaderOf } from "./http/auth-limits.js";
export { createSessionCookieReader } from "./http/cookies.js";
export type { CookieSettings } from "./http/cookies.js";
export { createClientAddressReader } from "./http/client-address.js";
export type {
  ClientAddressOptions,
  ReadClientAddress,
} from "./http/client-address.js";
export {
  createErrorResponse,
  formatError,
  toStatus,
} from "./http/error-response.js";
export type { ErrorRepresentation } from "./http/error-response.js";
export type { ResponseHeaders } from "./http/response-headers.js";
export { createRateLimiter } from "./http/rate-limiter.js";
export type {
  LimitedAction,
  RateLimiter,
  RateLimiterOptions,
} from "./http/rate-limiter.js";
export {
  isStateChanging,
  requireOwnOrigin,
  requireSameOrigin,
} from "./http/same-origin.js";
export type { OriginCheck, ReadHeader } from "./http/same-origin.js";
export {
  createCommonHeaders,
  createPageHeaders,
} from "./http/security-headers.js";
export type {
  PageSecurity,
  SecuritySettings,
} from "./http/security-headers.js";
export { toFailure } from "./http/error-response.js";
