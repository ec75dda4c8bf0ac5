import type { ObjectId, TenantId, UserId } from "../identifiers.js";

/** A person's profile, updated at each sign-in. Only `tenantId` and `objectId` identify the person. */
export interface UserProfile {
  readonly tenantId: TenantId;
  readonly objectId: ObjectId;
  /** The ID token's `sub`: Entra issues a different one to each client; a refreshed ID token must repeat it. */
  readonly subject: string;
  /** For display. Falls back to the preferred user name, then to an empty string. */
  readonly name: string;
  /** For display and as a hint. Mutable and reusable at the identity provider: never a key. */
  readonly preferredUsername: string | undefined;
  /** Present only if the identity provider has verified it (`xms_edov`, or a verified primary e-mail). */
  readonly email: string | undefined;
  /** Values of the app roles assigned to the person, directly or by group. */
  readonly roles: readonly string[];
  /** Object IDs of the person's groups. Empty when there are too many for a token (group overage). */
  readonly groups: readonly string[];
}

/** Our stored record of a person, keyed by tenant ID and object ID, with the data of one client. */
export interface User extends UserProfile {
  readonly id: UserId;
  /** When this client first admitted the user. */
  readonly createdAt: Date;
  /** When this client last admitted the user. */
  readonly lastSignInAt: Date;
  /** Set while the user may not sign in; their sessions are refused from that moment. */
  readonly disabledAt: Date | undefined;
}
