export { createAuth } from "./core/create-auth.js";
export type { Auth, UserColumns } from "./core/auth.js";
export type { Administration } from "./core/administration/administration.js";
export type {
  AuditPage,
  AuditTrailEntry,
  ManagedUser,
  UserPage,
} from "./core/administration/administration-page.js";
export type {
  AuditListRequest,
  UserListRequest,
} from "./core/administration/administration-request.js";
export type {
  ExportedEvent,
  ExportedSession,
  ExportedUser,
  UserExport,
} from "./core/administration/user-export.js";
export type { Users } from "./core/administration/users.js";
export { createAuditTrail } from "./core/administration/audit-trail.js";
export type {
  AuditTrail,
  AuditTrailOptions,
} from "./core/administration/audit-trail.js";
export type { AccessTokenRequest } from "./core/token/access-token.js";
export type {
  Bearer,
  BearerApplication,
  BearerUser,
} from "./core/token/bearer-token.js";
export { findAuthorityMistake } from "./core/provider/authority.js";
export { parseCallback } from "./core/sign-in/callback.js";
export type {
  CallbackParameters,
  NamedFlow,
  ParsedCallback,
} from "./core/sign-in/callback.js";
export { createIdentityProvider } from "./core/provider/create-identity-provider.js";
export type { IdentityProviderOptions } from "./core/provider/create-identity-provider.js";
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
export type { FlowRequest, InitiatedFlow } from "./core/sign-in/flow.js";
export { isLoopbackHost } from "./core/provider/loopback-host.js";
export type {
  DeletedRows,
  DeletionFailure,
  DeletionResult,
} from "./core/administration/delete-expired.js";
export type { IdTokenClaims } from "./core/token/id-token.js";
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
} from "./core/provider/identity-provider.js";
export type {
  AuthOptions,
  CompletedSignIn,
  OnSignedIn,
  OnSignIn,
  SameSite,
  SignIn,
  SignInDecision,
  SignOutOptions,
} from "./core/options.js";
export type {
  Admission,
  AdmittedSignIn,
  EndedSession,
  ProviderSignOutScope,
  StoredSession,
  SessionStore,
  SessionWithUser,
} from "./core/stores/session-store.js";
export type {
  AuditEntry,
  AuditQuery,
  AuditRecord,
  AuditStore,
  UserAuditQuery,
} from "./core/stores/audit-store.js";
export type {
  AuthorizationRequest,
  CodeExchange,
  IdentityClient,
  Prompt,
  SilentTokenRequest,
  TokenAnswer,
} from "./core/provider/identity-client.js";
export type { Flow, FlowStore } from "./core/stores/flow-store.js";
export type { Lease, LeaseStore } from "./core/stores/lease-store.js";
export type {
  RateCount,
  RateLimitStore,
} from "./core/stores/rate-limit-store.js";
export type { Stores } from "./core/stores/stores.js";
export type {
  ColumnOf,
  ColumnValues,
  NoColumns,
  UserExtension,
} from "./core/stores/user-extension.js";
export type {
  TokenCachePartition,
  TokenCacheStore,
} from "./core/stores/token-cache-store.js";
export type { UserQuery, UserStore } from "./core/stores/user-store.js";
export {
  proxyVariables,
  readProxySettings,
} from "./core/provider/provider-request.js";
export type { ProxySettings } from "./core/provider/provider-request.js";
export type {
  ActiveSession,
  ActiveUser,
  OwnSession,
  Session,
  SignInResult,
} from "./core/session/active-session.js";
export { parseReturnUrl } from "./core/sign-in/return-url.js";
export type { ParsedSessionToken } from "./core/stores/session-store.js";
export { aal1, aal2, aal3 } from "./core/session/session-timeouts.js";
export type { SessionTimeouts } from "./core/session/session-timeouts.js";
export type { Callback, CompletedFlow } from "./core/sign-in/complete-flow.js";
export { consumerTenantId } from "./core/provider/tenant.js";
export type { TenantRule } from "./core/provider/tenant.js";
export type { User, UserProfile } from "./core/stores/user.js";
