declare const brand: unique symbol;

type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Names a flow in logs and in its cookie's name. It is derived from the state's digest; knowing it grants nothing. */
export type FlowId = Branded<string, "FlowId">;

/** Names a session in logs and stores. Knowing it grants nothing. */
export type SessionId = Branded<string, "SessionId">;

/** Names a user: our stored record of a person. */
export type UserId = Branded<string, "UserId">;

/** Names an organisation at the identity provider: the `tid` claim, a GUID. */
export type TenantId = Branded<string, "TenantId">;

/** Names a person within one tenant: the `oid` claim, a GUID. */
export type ObjectId = Branded<string, "ObjectId">;

/** Names an entry of the audit trail; later entries have greater IDs. */
export type AuditRecordId = Branded<string, "AuditRecordId">;

/** The unguessable value that names the flow and returns with the callback (RFC 6749 §10.12). */
export type State = Branded<string, "State">;

/** Ties the ID token to the flow (OpenID Connect Core §3.1.2.1). */
export type Nonce = Branded<string, "Nonce">;

/** PKCE's secret (RFC 7636 §4.1). Never leaves the server, and rests sealed. */
export type CodeVerifier = Branded<string, "CodeVerifier">;

/** The secret in the flow cookie: proves that the callback's browser initiated the flow. */
export type BrowserToken = Branded<string, "BrowserToken">;

/** Authenticates a browser. Lives in the session cookie and nowhere else. */
export type SessionToken = Branded<string, "SessionToken">;

/** SHA-256 of a secret, base64url. Stores keep this instead of the secret. */
export type Digest = Branded<string, "Digest">;

/** A text encrypted and authenticated with the application's secret, bound to its place. */
export type Sealed = Branded<string, "Sealed">;

/** Finds one account's slice of the token cache: MSAL's `homeAccountId`. */
export type PartitionKey = Branded<string, "PartitionKey">;

/** A page of our own origin, absolute. Only `parseReturnUrl` makes one. */
export type ReturnUrl = Branded<string, "ReturnUrl">;

/** What an API accepts on behalf of the account. Never sent to the browser. */
export type AccessToken = Branded<string, "AccessToken">;

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Returns whether the text is a GUID in the lower-case form that Entra ID writes. */
export function isGuid(text: string): boolean {
  return guid.test(text);
}
