"use client";

export { AuthProvider, useAuth } from "./react/auth-provider.js";
export type { AuthProviderProps } from "./react/auth-provider.js";
export { RequireAuth, SignedIn, SignedOut } from "./react/gates.js";
export type { GateProps, RequireAuthProps } from "./react/gates.js";
export { createAuthClient } from "./react/auth-client.js";
export type {
  AuthClient,
  AuthProcedures,
  SignInRequest,
} from "./react/auth-client.js";
export type { AuthActions, CompletionOptions } from "./react/auth-actions.js";
export { canRetryCallback, parseAuthFailure } from "./react/auth-failure.js";
export type { AuthFailure, AuthFailureCode } from "./react/auth-failure.js";
export { readCallbackParameters } from "./react/callback-parameters.js";
export type {
  AuthState,
  NoUserState,
  SignedInState,
  UseAuthResult,
} from "./react/auth-state.js";
export type {
  BrowserPage,
  PageEvent,
  TabMessage,
} from "./react/browser-page.js";
export type {
  AuditTrailEntry,
  ManagedUser,
} from "./core/administration/administration-page.js";
export type {
  ActiveSession,
  ActiveUser,
  OwnSession,
  Session,
  SignInResult,
} from "./core/session/active-session.js";
export type { CallbackParameters } from "./core/sign-in/callback.js";
export type { AuthErrorCode, ProviderError } from "./core/error.js";
export type { Prompt } from "./core/provider/identity-client.js";
