declare const brand: unique symbol;

type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Identifies a flow in logs and in the name of its cookie. Derived from the state's digest. Not a secret. */
export type FlowId = Branded<string, "FlowId">;

/** Identifies a session in logs and stores. Not a secret. */
export type SessionId = Branded<string, "SessionId">;

/** Identifies a user: our stored record of a person. */
export type UserId = Branded<string, "UserId">;

/** Identifies an organisation at the identity provider: the `tid` claim, a GUID. */
export type TenantId = Branded<string, "TenantId">;

/** Identifies a person within one tenant: the `oid` claim, a GUID. */
export type ObjectId = Branded<string, "ObjectId">;

/** Identifies an entry of the audit trail. Later entries have greater IDs. */
export type AuditRecordId = Branded<string, "AuditRecordId">;

/** The unguessable value that identifies the flow and returns with the callback (RFC 6749 §10.12). */
export type State = Branded<string, "State">;

/** Ties the ID token to the flow (OpenID Connect Core §3.1.2.1). */
export type Nonce = Branded<string, "Nonce">;

/** PKCE's secret (RFC 7636 §4.1). Sent only to the token endpoint, and stored sealed. */
export type CodeVerifier = Branded<string, "CodeVerifier">;

/** The secret in the flow cookie. Proves that the callback comes from the browser that initiated the flow. */
export type BrowserToken = Branded<string, "BrowserToken">;

/** The secret in the session cookie: authenticates a browser. Stored nowhere else. */
export type SessionToken = Branded<string, "SessionToken">;

/** SHA-256 of a secret, base64url. Stores keep this instead of the secret. */
export type Digest = Branded<string, "Digest">;

/**
 * A text that is encrypted and authenticated with the application's secret and bound to the place where it is stored.
 */
export type Sealed = Branded<string, "Sealed">;

/** Identifies one account's partition of the token cache: MSAL's `homeAccountId`. */
export type PartitionKey = Branded<string, "PartitionKey">;

/** The absolute URL of a page of the application. Only `parseReturnUrl` creates one. */
export type ReturnUrl = Branded<string, "ReturnUrl">;

/** An access token for an API on behalf of the account. Never sent to the browser. */
export type AccessToken = Branded<string, "AccessToken">;

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Returns whether the text is a GUID in lower case, as Entra ID writes it. */
export function isGuid(text: string): boolean {
  return guid.test(text);
}
