/** A directory of people: of an organisation, of personal accounts, or of External ID (CIAM). */
export interface Tenant {
  readonly tenantId: string;
  readonly displayName: string;
  /** Verified domains; a URL may contain one of them instead of the tenant ID. */
  readonly domains: readonly string[];
  /** The issuer of an `external` directory is on another host than its discovery document. */
  readonly kind: "organization" | "consumer" | "external";
  /** Region in the discovery document (`tenant_region_scope`); default "EU". */
  readonly regionScope?: string | undefined;
}

/** A person's membership in one directory. */
export interface Membership {
  readonly tenantId: string;
  /** The person's object ID in this directory (`oid`). */
  readonly objectId: string;
  /** Object IDs of the groups the person belongs to in this directory. */
  readonly groups?: readonly string[] | undefined;
  /** App roles assigned in this directory; a token contains those that the app defines. */
  readonly appRoles?: readonly string[] | undefined;
}

/** A person who can sign in. */
export interface Person {
  /** Sign-in name, unique among all people. */
  readonly upn: string;
  readonly name: string;
  readonly givenName?: string | undefined;
  readonly familyName?: string | undefined;
  readonly email?: string | undefined;
  /** Whether the home tenant has verified the domain of `email`; only then can a token contain `xms_edov`. */
  readonly emailVerified?: boolean | undefined;
  /** One line for the account picker: the purpose of this person. */
  readonly note?: string | undefined;
  readonly home: Membership;
  readonly guestIn?: readonly Membership[] | undefined;
  /** Sign-in fails with AADSTS50057. */
  readonly disabled?: boolean | undefined;
  /** Not assigned to any app: sign-in to an app that requires assignment fails with AADSTS50105. */
  readonly unassigned?: boolean | undefined;
  /** May consent to permissions that need an administrator. */
  readonly administrator?: boolean | undefined;
  /** `false`: has not consented to anything yet, so the consent page appears. */
  readonly consented?: boolean | undefined;
}

/** A secret of an app registration. */
export interface ClientSecret {
  readonly value: string;
  /** ISO 8601 instant after which the secret fails with AADSTS7000222. */
  readonly expiresAt?: string | undefined;
}

/** Trusts tokens of another issuer as the app's credential (workload identity federation). */
export interface FederatedCredential {
  readonly issuer: string;
  readonly subject: string;
  /** Default `api://AzureADTokenExchange`. */
  readonly audience?: string | undefined;
  /** Public key (PEM) that verifies the issuer's tokens, instead of a fetched JWKS. */
  readonly publicKey: string;
}

/** The API that the app exposes. */
export interface ExposedApi {
  /** Default `api://{clientId}`. */
  readonly identifierUri?: string | undefined;
  readonly scopes: readonly string[];
  /** Format of access tokens for this API; default 1, as for a registration whose manifest has no value. */
  readonly requestedAccessTokenVersion?: 1 | 2 | undefined;
}

/** App roles of an API that an administrator has given to an application itself (application permissions). */
export interface ApplicationPermission {
  /** The client ID of the API. */
  readonly resourceClientId: string;
  /** Values of app roles that the API defines; others are ignored. */
  readonly roles: readonly string[];
}

/** Who may use an app, as in the app manifest. */
export type SignInAudience =
  | "AzureADMyOrg"
  | "AzureADMultipleOrgs"
  | "AzureADandPersonalMicrosoftAccount"
  | "PersonalMicrosoftAccount";

/** Format of the `xms_edov` claim: boolean in the documentation, but the string "1" has been observed as well. */
export type EdovFormat = "boolean" | "string";

/** An app as registered in the directory. */
export interface AppRegistration {
  readonly clientId: string;
  readonly displayName?: string | undefined;
  /** The tenant that owns the registration; default Contoso's. */
  readonly tenantId?: string | undefined;
  /** Default AzureADandPersonalMicrosoftAccount. */
  readonly signInAudience?: SignInAudience | undefined;
  readonly clientSecret?: string | undefined;
  /** Further secrets, for rotation and expiry. */
  readonly clientSecrets?: readonly ClientSecret[] | undefined;
  /** PEM certificates whose key signs client assertions. */
  readonly certificates?: readonly string[] | undefined;
  readonly federatedCredentials?: readonly FederatedCredential[] | undefined;
  /** Redirect URIs of the platform "web". */
  readonly redirectUris?: readonly string[] | undefined;
  /** Redirect URIs of the platform "spa". */
  readonly spaRedirectUris?: readonly string[] | undefined;
  /** Redirect URIs of the platform "mobile and desktop applications". */
  readonly publicClientRedirectUris?: readonly string[] | undefined;
  /** Ignores the port of `http://127.0.0.1` redirect URIs as for `http://localhost`; default true. */
  readonly ignoreLoopbackPort?: boolean | undefined;
  readonly frontChannelLogoutUrl?: string | undefined;
  /** Allows response types with `id_token`; default false. */
  readonly enableIdTokenIssuance?: boolean | undefined;
  /** Allows response types with `token`; default false. */
  readonly enableAccessTokenIssuance?: boolean | undefined;
  /** Optional claims of ID tokens by name, as in the manifest; `sid` is always included. */
  readonly optionalIdTokenClaims?: readonly string[] | undefined;
  readonly edovFormat?: EdovFormat | undefined;
  /** Omits e-mail addresses of unverified domains (`removeUnverifiedEmailClaim`); default false here. */
  readonly removeUnverifiedEmail?: boolean | undefined;
  /** Values of the app roles that the app defines. */
  readonly appRoles?: readonly string[] | undefined;
  readonly api?: ExposedApi | undefined;
  /** Become the `roles` of the tokens that the application requests for itself. */
  readonly applicationPermissions?:
    readonly ApplicationPermission[] | undefined;
  /**
   * Signs the app's tokens with a key of its own, as Entra ID does for an app with claims mapping. The key is published
   * only for `?appid={clientId}`; default false.
   */
  readonly customSigningKey?: boolean | undefined;
  /** Only assigned people may sign in; default false. */
  readonly assignmentRequired?: boolean | undefined;
}

/** The content of a directory. */
export interface DirectoryContent {
  readonly tenants: readonly Tenant[];
  readonly people: readonly Person[];
  readonly apps: readonly AppRegistration[];
}

/** The directory that the endpoints read and the control operations change. */
export interface Directory {
  readonly tenants: readonly Tenant[];
  readonly people: readonly Person[];
  readonly apps: readonly AppRegistration[];
  findApp(clientId: string): AppRegistration | undefined;
  findPerson(upn: string): Person | undefined;
  findTenant(tenantId: string): Tenant | undefined;
  /** Adds the app, or replaces the one with the same client ID. */
  putApp(app: AppRegistration): void;
  /** Adds the person, or replaces the one with the same UPN. */
  putPerson(person: Person): void;
}

/** Creates a directory from its initial content. */
export function createDirectory(content: DirectoryContent): Directory {
  const apps = new Map(
    content.apps.map((app) => [app.clientId.toLowerCase(), app]),
  );
  const people = new Map(
    content.people.map((person) => [person.upn.toLowerCase(), person]),
  );
  const tenants = new Map(
    content.tenants.map((tenant) => [tenant.tenantId, tenant]),
  );
  return {
    get tenants() {
      return [...tenants.values()];
    },
    get people() {
      return [...people.values()];
    },
    get apps() {
      return [...apps.values()];
    },
    findApp: (clientId) => apps.get(clientId.toLowerCase()),
    findPerson: (upn) => people.get(upn.trim().toLowerCase()),
    findTenant: (tenantId) => tenants.get(tenantId.toLowerCase()),
    putApp: (app) => void apps.set(app.clientId.toLowerCase(), app),
    putPerson: (person) => void people.set(person.upn.toLowerCase(), person),
  };
}
