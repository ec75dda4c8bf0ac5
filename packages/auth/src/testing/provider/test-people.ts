import { consumerTenantId } from "../../core/provider/tenant.js";

/** A person at the fake identity provider. */
export interface TestPerson {
  /** The tenant that the person signs in to: the `tid` claim. */
  readonly tenantId: string;
  /** The person's object ID in that tenant: the `oid` claim. */
  readonly objectId: string;
  readonly name: string;
  readonly preferredUsername: string;
  /** The person's home tenant and object ID there, if they are a guest in `tenantId`. */
  readonly home?:
    { readonly tenantId: string; readonly objectId: string } | undefined;
  /** Additional claims of the person's ID tokens, such as `email` or `roles`. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}

const contoso = "c0a70500-1111-4c0a-8c0a-c0a70500c0a0";
const fabrikam = "fab21ca0-2222-4fab-8fab-fab21ca0fab0";

/** The tenant IDs of the people below. */
export const testTenants = {
  contoso,
  fabrikam,
  consumers: consumerTenantId,
} as const;

/** Ada and Ben belong to Contoso. Grace belongs to Fabrikam and is a guest in Contoso. Pia has a personal account. */
export const testPeople = {
  ada: {
    tenantId: contoso,
    objectId: "ada00000-0000-4000-8000-00000000ada1",
    name: "Ada Lovelace",
    preferredUsername: "ada@contoso.test",
    claims: { roles: ["Admin"] },
  },
  ben: {
    tenantId: contoso,
    objectId: "be000000-0000-4000-8000-00000000be01",
    name: "Ben Okafor",
    preferredUsername: "ben@contoso.test",
  },
  grace: {
    tenantId: contoso,
    objectId: "62ace000-0000-4000-8000-00000062ace2",
    name: "Grace Hopper",
    preferredUsername: "grace@fabrikam.test",
    home: {
      tenantId: fabrikam,
      objectId: "62ace000-0000-4000-8000-00000062ace1",
    },
  },
  graceAtHome: {
    tenantId: fabrikam,
    objectId: "62ace000-0000-4000-8000-00000062ace1",
    name: "Grace Hopper",
    preferredUsername: "grace@fabrikam.test",
  },
  pia: {
    tenantId: consumerTenantId,
    objectId: "00000000-0000-0000-91a0-000000000001",
    name: "Pia Novak",
    preferredUsername: "pia@outlook.test",
  },
} as const satisfies Readonly<Record<string, TestPerson>>;
