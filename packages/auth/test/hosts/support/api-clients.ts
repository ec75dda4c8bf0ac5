import { builtInPeople, demoApp } from "@entrada/entra-emulator";
import type { EntraEmulator } from "@entrada/entra-emulator";

const redirectUri = "http://localhost/auth/callback";
const portal = {
  clientId: "5fa00000-0000-4000-8000-000000000011",
  clientSecret: "secret-of-the-portal",
  redirectUris: [redirectUri],
} as const;
const daemon = {
  clientId: "5fa00000-0000-4000-8000-0000000000da",
  clientSecret: "secret-of-the-daemon",
} as const;
const otherApi = {
  clientId: "5fa00000-0000-4000-8000-000000000012",
  api: {
    identifierUri: "api://other",
    scopes: ["Orders.Read"],
    requestedAccessTokenVersion: 2,
  },
} as const;
/** The app under test, as an API. */
const api = `api://${demoApp.clientId}`;

/** Applications that call the app under test, with tokens of the emulator. */
export interface ApiClients {
  readonly portalId: string;
  readonly daemonId: string;
  /** Returns the token of the portal for Ada, with the scope `Orders.Read` of the API. */
  createUserToken(audience?: "own" | "other"): Promise<string>;
  /** Returns the token of the daemon, with the app role `Orders.Export`. */
  createDaemonToken(): Promise<string>;
  createIdToken(): Promise<string>;
  createRefreshToken(): Promise<string>;
  /** Returns a token of the portal for Ada that has expired. */
  createExpiredToken(): Promise<string>;
  /** Sets the version of the API's access tokens. */
  setVersion(version: 1 | 2): void;
}

/** Registers an API and its clients at the emulator. */
export function registerApiClients(emulator: EntraEmulator): ApiClients {
  const setVersion = (requestedAccessTokenVersion: 1 | 2) =>
    emulator.updateApp(demoApp.clientId, {
      appRoles: ["Admin", "Orders.Export"],
      api: {
        identifierUri: api,
        scopes: ["Orders.Read"],
        requestedAccessTokenVersion,
      },
    });
  setVersion(2);
  emulator.addApp(portal);
  emulator.addApp(otherApi);
  emulator.addApp({
    ...daemon,
    applicationPermissions: [
      { resourceClientId: demoApp.clientId, roles: ["Orders.Export"] },
    ],
  });
  const createUserToken: ApiClients["createUserToken"] = (audience = "own") =>
    redeem(emulator, portal, {
      scope: `${audience === "own" ? api : "api://other"}/Orders.Read`,
      member: "access_token",
    });
  return {
    portalId: portal.clientId,
    daemonId: daemon.clientId,
    createUserToken,
    createDaemonToken: () =>
      post(emulator, "contoso.com", "access_token", {
        grant_type: "client_credentials",
        client_id: daemon.clientId,
        client_secret: daemon.clientSecret,
        scope: `${api}/.default`,
      }),
    createIdToken: () =>
      redeem(emulator, demoApp, { scope: "openid", member: "id_token" }),
    createRefreshToken: () =>
      redeem(emulator, portal, {
        scope: `offline_access ${api}/Orders.Read`,
        member: "refresh_token",
      }),
    createExpiredToken: async () => {
      emulator.control.advanceClock(-3 * 3600);
      try {
        return await createUserToken();
      } finally {
        emulator.control.advanceClock(3 * 3600);
      }
    },
    setVersion,
  };
}

/** Signs Ada in at the client, and returns the member of the token response. */
async function redeem(
  emulator: EntraEmulator,
  client: { readonly clientId: string; readonly clientSecret: string },
  { scope, member }: { readonly scope: string; readonly member: string },
): Promise<string> {
  emulator.control.autoSignIn(builtInPeople.ada.upn);
  const query = new URLSearchParams({
    client_id: client.clientId,
    response_type: "code",
    redirect_uri: redirectUri,
    scope,
  });
  const { headers } = await fetch(
    `${emulator.origin}/organizations/oauth2/v2.0/authorize?${query}`,
    { redirect: "manual" },
  );
  const { searchParams } = new URL(headers.get("location") ?? "");
  return post(emulator, "organizations", member, {
    grant_type: "authorization_code",
    client_id: client.clientId,
    client_secret: client.clientSecret,
    code: searchParams.get("code") ?? "",
    redirect_uri: redirectUri,
  });
}

async function post(
  { origin }: EntraEmulator,
  tenant: string,
  member: string,
  fields: Readonly<Record<string, string>>,
): Promise<string> {
  const response = await fetch(`${origin}/${tenant}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams(fields),
  });
  const body: Readonly<Record<string, unknown>> = JSON.parse(
    await response.text(),
  );
  const value = body[member];
  if (typeof value !== "string")
    throw new Error(`No ${member} in ${JSON.stringify(body)}`);
  return value;
}
