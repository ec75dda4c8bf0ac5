import { z } from "zod";
import type {
  AppRegistration,
  Membership,
  Person,
  Tenant,
} from "./directory.js";

const strings = z.array(z.string()).optional();
const guid = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "must be a GUID");

/** Parses a tenant from JSON. */
export const tenantSchema: z.ZodType<Tenant> = z.strictObject({
  tenantId: guid.toLowerCase(),
  displayName: z.string(),
  domains: z.array(z.string().toLowerCase()),
  kind: z.enum(["organization", "consumer", "external"]),
  regionScope: z.string().optional(),
});

const membershipSchema: z.ZodType<Membership> = z.strictObject({
  tenantId: guid.toLowerCase(),
  objectId: guid,
  groups: strings,
  appRoles: strings,
});

/** Parses a person from JSON. */
export const personSchema: z.ZodType<Person> = z.strictObject({
  upn: z.string().min(1),
  name: z.string(),
  givenName: z.string().optional(),
  familyName: z.string().optional(),
  email: z.string().optional(),
  emailVerified: z.boolean().optional(),
  note: z.string().optional(),
  home: membershipSchema,
  guestIn: z.array(membershipSchema).optional(),
  disabled: z.boolean().optional(),
  unassigned: z.boolean().optional(),
  administrator: z.boolean().optional(),
  consented: z.boolean().optional(),
});

/** Parses an app registration from JSON. */
export const appSchema: z.ZodType<AppRegistration> = z.strictObject({
  clientId: z.string().min(1),
  displayName: z.string().optional(),
  tenantId: guid.toLowerCase().optional(),
  signInAudience: z
    .enum([
      "AzureADMyOrg",
      "AzureADMultipleOrgs",
      "AzureADandPersonalMicrosoftAccount",
      "PersonalMicrosoftAccount",
    ])
    .optional(),
  clientSecret: z.string().optional(),
  clientSecrets: z
    .array(
      z.strictObject({ value: z.string(), expiresAt: z.string().optional() }),
    )
    .optional(),
  certificates: strings,
  federatedCredentials: z
    .array(
      z.strictObject({
        issuer: z.string(),
        subject: z.string(),
        audience: z.string().optional(),
        publicKey: z.string(),
      }),
    )
    .optional(),
  redirectUris: strings,
  spaRedirectUris: strings,
  publicClientRedirectUris: strings,
  ignoreLoopbackPort: z.boolean().optional(),
  frontChannelLogoutUrl: z.url().optional(),
  enableIdTokenIssuance: z.boolean().optional(),
  enableAccessTokenIssuance: z.boolean().optional(),
  optionalIdTokenClaims: strings,
  edovFormat: z.enum(["boolean", "string"]).optional(),
  removeUnverifiedEmail: z.boolean().optional(),
  appRoles: strings,
  api: z
    .strictObject({
      identifierUri: z.string().optional(),
      scopes: z.array(z.string()),
      requestedAccessTokenVersion: z
        .union([z.literal(1), z.literal(2)])
        .optional(),
    })
    .optional(),
  applicationPermissions: z
    .array(
      z.strictObject({
        resourceClientId: z.string(),
        roles: z.array(z.string()),
      }),
    )
    .optional(),
  customSigningKey: z.boolean().optional(),
  assignmentRequired: z.boolean().optional(),
});
