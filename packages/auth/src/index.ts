export { createAuth } from "./core/create-auth.js";
export type { Auth } from "./core/auth.js";
export type {
  Administration,
  AuditPage,
  UserPage,
} from "./core/administration.js";
export type {
  AuditListRequest,
  UserListRequest,
} from "./core/administration-request.js";
export { createAuditTrail } from "./core/audit-trail.js";
export type { AuditTrail, AuditTrailOptions } from "./core/audit-trail.js";
export type { AccessTokenRequest } from "./core/access-token.js";
export { findAuthorityMistake } from "./core/authority.js";
export type { CallbackParameters } from "./core/callback.js";
export { createIdentityProvider } from "./core/create-identity-provider.js";
export type { IdentityProviderOptions } from "./core/create-identity-provider.js";
export {
  AuthError,
  authErrorCodes,
  isAuthError,
  isAuthErrorCode,
} from "./core/error.js";
export type {
  AuthErrorCode,
  AuthErrorOptions,
  ProviderError,
} from "./core/error.js";
export type {
  AuditedEventType,
  AuthEvent,
  AuthEventListener,
  SessionEndReason,
} from "./core/event.js";
export type { FlowRequest, InitiatedFlow } from "./core/flow.js";
export { isLoopbackHost } from "./core/loopback-host.js";
export type {
  DeletedRows,
  DeletionFailure,
  DeletionResult,
} from "./core/housekeeping.js";
export type { IdTokenClaims } from "./core/id-token.js";
export type {
  AccessToken,
  AuditRecordId,
  BrowserToken,
  CodeVerifier,
  Digest,
  FlowId,
  Nonce,
  ObjectId,
  PartitionKey,
  ReturnUrl,
  Sealed,
  SessionId,
  SessionToken,
  State,
  TenantId,
  UserId,
} from "./core/identifiers.js";
export type {
  IdentityProvider,
  ProviderMetadata,
  SigningKey,
} from "./core/identity-provider.js";
export type {
  AuthOptions,
  CompletedSignIn,
  OnSignedIn,
  OnSignIn,
  SameSite,
  SignIn,
  SignInDecision,
} from "./core/options.js";
export type {
  Admission,
  AdmittedSignIn,
  AuditEntry,
  AuditQuery,
  AuditRecord,
  AuditStore,
  AuthorizationRequest,
  CodeExchange,
  EndedSession,
  Flow,
  FlowStore,
  IdentityClient,
  Lease,
  LeaseStore,
  Prompt,
  ProviderSignOutScope,
  RateCount,
  RateLimitStore,
  Session,
  SessionStore,
  SignedIn,
  SilentTokenRequest,
  Stores,
  TokenAnswer,
  TokenCachePartition,
  TokenCacheStore,
  UserQuery,
  UserStore,
} from "./core/ports.js";
export { proxyVariables, readProxySettings } from "./core/provider-fetch.js";
export type { ProxySettings } from "./core/provider-fetch.js";
export { formatSignedIn, formatUser } from "./core/representation.js";
export type {
  AuditEntryRepresentation,
  ManagedUserRepresentation,
  OwnSessionRepresentation,
  SessionRepresentation,
  SignedInRepresentation,
  UserRepresentation,
} from "./core/representation.js";
export { parseReturnUrl } from "./core/return-url.js";
export type { ParsedSessionToken } from "./core/session-token.js";
export { aal1, aal2, aal3 } from "./core/session-timeouts.js";
export type { SessionTimeouts } from "./core/session-timeouts.js";
export type { Callback, CompletedFlow } from "./core/sign-in.js";
export type { SignOutOptions } from "./core/sign-out.js";
export { consumerTenantId } from "./core/tenant.js";
export type { TenantRule } from "./core/tenant.js";
export type { User, UserProfile } from "./core/user.js";
