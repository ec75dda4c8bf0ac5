import type { AppRegistration, Person, Tenant } from "./directory.js";

const contoso: Tenant = {
  tenantId: "0c0a7050-1111-4c0a-8c0a-c0470500c0a0",
  displayName: "Contoso",
  domains: ["contoso.com", "contoso.onmicrosoft.com"],
  kind: "organization",
};

const fabrikam: Tenant = {
  tenantId: "fab21ca0-2222-4fab-8fab-fab21ca0fab0",
  displayName: "Fabrikam",
  domains: ["fabrikam.com", "fabrikam.onmicrosoft.com"],
  kind: "organization",
  regionScope: "NA",
};

const consumers: Tenant = {
  tenantId: "9188040d-6c67-4c5b-b112-36a304b66dad",
  displayName: "Personal accounts",
  domains: ["outlook.com", "live.com"],
  kind: "consumer",
  regionScope: "WW",
};

const woodgrove: Tenant = {
  tenantId: "00d92073-3333-4c1a-8c1a-00d920730c1a",
  displayName: "Woodgrove Customers",
  domains: ["woodgrove.onmicrosoft.com"],
  kind: "external",
};

/** The tenants of the built-in directory, by name. */
export const builtInTenants = {
  contoso,
  fabrikam,
  consumers,
  woodgrove,
} as const;

const ada: Person = {
  upn: "ada@contoso.com",
  name: "Ada Lindqvist",
  givenName: "Ada",
  familyName: "Lindqvist",
  email: "ada@contoso.com",
  emailVerified: true,
  note: "Administrator of Contoso, app role Admin",
  administrator: true,
  home: {
    tenantId: contoso.tenantId,
    objectId: "ada00000-0000-4000-8000-00000000ada1",
    appRoles: ["Admin"],
    groups: [
      "66000000-0000-4000-8000-000000000001",
      "66000000-0000-4000-8000-000000000002",
    ],
  },
};

const ben: Person = {
  upn: "ben@contoso.com",
  name: "Ben Okafor",
  givenName: "Ben",
  familyName: "Okafor",
  email: "ben@contoso.com",
  emailVerified: true,
  note: "Ordinary member of Contoso",
  home: {
    tenantId: contoso.tenantId,
    objectId: "be000000-0000-4000-8000-00000000be01",
    groups: ["66000000-0000-4000-8000-000000000001"],
  },
};

const grace: Person = {
  upn: "grace@fabrikam.com",
  name: "Grace Moreau",
  givenName: "Grace",
  familyName: "Moreau",
  email: "grace@fabrikam.com",
  emailVerified: true,
  note: "Member of Fabrikam, guest in Contoso",
  home: {
    tenantId: fabrikam.tenantId,
    objectId: "62ace000-0000-4000-8000-00000062ace1",
  },
  guestIn: [
    {
      tenantId: contoso.tenantId,
      objectId: "62ace000-0000-4000-8000-00000062ace2",
    },
  ],
};

const nora: Person = {
  upn: "nora@contoso.com",
  name: "Nora Haddad",
  givenName: "Nora",
  familyName: "Haddad",
  email: "nora@contoso.com",
  emailVerified: true,
  note: "Has not consented yet: the consent page appears",
  consented: false,
  home: {
    tenantId: contoso.tenantId,
    objectId: "0a2a0000-0000-4000-8000-00000000a0a1",
  },
};

const max: Person = {
  upn: "max@contoso.com",
  name: "Max Tanaka",
  givenName: "Max",
  familyName: "Tanaka",
  email: "max@contoso.com",
  emailVerified: true,
  note: "In 201 groups: too many for a token",
  home: {
    tenantId: contoso.tenantId,
    objectId: "0a000000-0000-4000-8000-00000000a0b1",
    groups: Array.from({ length: 201 }, (_, index) => numberedGroup(index + 1)),
  },
};

const pia: Person = {
  upn: "pia@outlook.com",
  name: "Pia Novak",
  givenName: "Pia",
  familyName: "Novak",
  email: "pia@outlook.com",
  emailVerified: true,
  note: "Personal Microsoft account",
  home: {
    tenantId: consumers.tenantId,
    objectId: "00000000-0000-0000-91a0-000000000001",
  },
};

const adasDouble: Person = {
  upn: "ada.double@fabrikam.com",
  name: "Ada Lindqvist (Fabrikam)",
  givenName: "Ada",
  familyName: "Lindqvist",
  email: "ada@contoso.com",
  emailVerified: false,
  note: "Member of Fabrikam with Ada's e-mail address, unverified",
  home: {
    tenantId: fabrikam.tenantId,
    objectId: "ada00000-0000-4000-8000-00000000ada2",
  },
};

const dan: Person = {
  upn: "dan@contoso.com",
  name: "Dan Silva",
  givenName: "Dan",
  familyName: "Silva",
  email: "dan@contoso.com",
  emailVerified: true,
  note: "Disabled: sign-in fails with AADSTS50057",
  disabled: true,
  home: {
    tenantId: contoso.tenantId,
    objectId: "da000000-0000-4000-8000-00000000da01",
  },
};

const uma: Person = {
  upn: "uma@contoso.com",
  name: "Uma Petrova",
  givenName: "Uma",
  familyName: "Petrova",
  email: "uma@contoso.com",
  emailVerified: true,
  note: "Not assigned to the app: sign-in fails with AADSTS50105",
  unassigned: true,
  home: {
    tenantId: contoso.tenantId,
    objectId: "00a00000-0000-4000-8000-00000000a0a2",
  },
};

const cleo: Person = {
  upn: "cleo@woodgrove.onmicrosoft.com",
  name: "Cleo Marsh",
  givenName: "Cleo",
  familyName: "Marsh",
  email: "cleo@example.com",
  emailVerified: true,
  note: "Customer in an External ID directory, whose issuer has another host",
  home: {
    tenantId: woodgrove.tenantId,
    objectId: "c1e00000-0000-4000-8000-00000000c1e1",
  },
};

/** The people of the built-in directory, by name. */
export const builtInPeople = {
  ada,
  ben,
  grace,
  nora,
  max,
  pia,
  adasDouble,
  dan,
  uma,
  cleo,
} as const;

/** The client secret of {@link demoApp}. It protects nothing, because the emulator asks for no password. */
export const demoClientSecret = "entrada-development-secret";

/** The app that is registered unless the emulator is started with other `apps`. */
export const demoApp = {
  clientId: "5f1a7c52-7e0b-4d43-9a55-0c6a1e3f2b10",
  clientSecret: demoClientSecret,
  displayName: "Entrada Demo",
  tenantId: contoso.tenantId,
  signInAudience: "AzureADandPersonalMicrosoftAccount",
  redirectUris: [
    "http://localhost/auth/callback",
    "http://localhost/",
    "http://localhost/signed-out",
    "http://127.0.0.1/auth/callback",
    "http://127.0.0.1/",
    "http://127.0.0.1/signed-out",
  ],
  frontChannelLogoutUrl: "http://localhost:5173/auth/front-channel-logout",
  optionalIdTokenClaims: [
    "login_hint",
    "sid",
    "email",
    "xms_edov",
    "auth_time",
    "groups",
  ],
  appRoles: ["Admin"],
  assignmentRequired: true,
} as const satisfies AppRegistration;

/** The apps of the built-in directory. */
export const builtInApps: readonly AppRegistration[] = [demoApp];

function numberedGroup(number: number): string {
  return `66000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}
