import {
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
} from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Provider } from "oidc-provider";
import type { Configuration } from "oidc-provider";
import { findFreePort } from "../processes.js";

/** A person of the independent provider. */
export interface IndependentPerson {
  readonly sub: string;
  readonly tid: string;
  readonly oid: string;
  readonly name: string;
  readonly preferred_username: string;
}

/** What the provider stored with an authorization code. */
export interface CodeRecord {
  readonly nonce: string | undefined;
  readonly codeChallenge: string | undefined;
  readonly codeChallengeMethod: string | undefined;
  readonly isConsumed: boolean;
}

/** A certified OpenID provider that shares no code with the emulator, behind Entra's routes. */
export interface IndependentProvider {
  readonly origin: string;
  readonly issuer: string;
  readonly codes: () => readonly CodeRecord[];
  /** The provider's error messages for refused codes. */
  readonly refusals: readonly string[];
  /** Makes the next interactions fail with this error instead of signing the person in. */
  refuse(error: string | undefined): void;
  close(): Promise<void>;
}

export interface IndependentProviderOptions {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly appUrl: string;
  readonly person: IndependentPerson;
}

/** Starts the provider on a free port. */
export async function startIndependentProvider(
  options: IndependentProviderOptions,
): Promise<IndependentProvider> {
  const { tenantId, person } = options;
  const port = await findFreePort();
  const origin = `http://localhost:${port}`;
  const issuer = `${origin}/${tenantId}/v2.0`;
  const provider = new Provider(issuer, createConfiguration(options));
  const codes = new Map<string, CodeRecord>();
  const refusals: string[] = [];
  let refusal: string | undefined;
  const record = (isConsumed: boolean) => (code: CodeEvent) =>
    codes.set(code.jti, {
      nonce: code.nonce,
      codeChallenge: code.codeChallenge,
      codeChallengeMethod: code.codeChallengeMethod,
      isConsumed,
    });
  provider.on("authorization_code.saved", record(false));
  provider.on("authorization_code.consumed", record(true));
  provider.on("grant.error", (_context, error) => {
    refusals.push(
      "error_detail" in error ? String(error.error_detail) : error.message,
    );
  });

  const handle = provider.callback();
  const interact = async (request: IncomingMessage, response: ServerResponse) =>
    provider.interactionFinished(
      request,
      response,
      refusal === undefined
        ? { login: { accountId: person.sub } }
        : { error: refusal },
    );
  const discoveryPath = `/${tenantId}/v2.0/.well-known/openid-configuration`;
  const server = createServer((request, response) => {
    // The query is ignored: it contains the client ID for Entra.
    if (request.url?.split("?")[0] === discoveryPath)
      request.url = "/.well-known/openid-configuration";
    if (request.url?.startsWith("/interaction/") !== true) {
      void handle(request, response);
      return;
    }
    interact(request, response).catch((error: unknown) =>
      response.writeHead(500).end(String(error)),
    );
  });
  server.listen(port, "localhost");
  await once(server, "listening");

  return {
    origin,
    issuer,
    codes: () => [...codes.values()],
    refusals,
    refuse: (error) => {
      refusal = error;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

interface CodeEvent {
  readonly jti: string;
  readonly nonce?: string | undefined;
  readonly codeChallenge?: string | undefined;
  readonly codeChallengeMethod?: string | undefined;
}

function createConfiguration({
  tenantId,
  clientId,
  clientSecret,
  appUrl,
  person,
}: IndependentProviderOptions): Configuration {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  // Imported from PEM, because in Node 20 the export of a synchronously generated key object can deadlock.
  const jwk = createPrivateKey(privateKey).export({ format: "jwk" });
  return {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [`${appUrl}/auth/callback`],
        post_logout_redirect_uris: [`${appUrl}/`],
        response_types: ["code"],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    jwks: {
      keys: [
        { ...jwk, kty: "RSA", kid: "independent", use: "sig", alg: "RS256" },
      ],
    },
    cookies: { keys: [randomBytes(16).toString("hex")] },
    claims: {
      openid: ["sub", "tid", "oid"],
      profile: ["name", "preferred_username"],
    },
    // As at Entra, the claims of a scope are in the ID token, not only in UserInfo.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    ttl: {
      AccessToken: 600,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      Session: 600,
    },
    features: { devInteractions: { enabled: false } },
    routes: {
      authorization: `/${tenantId}/oauth2/v2.0/authorize`,
      token: `/${tenantId}/oauth2/v2.0/token`,
      jwks: `/${tenantId}/discovery/v2.0/keys`,
      end_session: `/${tenantId}/oauth2/v2.0/logout`,
    },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ ...person, sub }),
    }),
    // Consent is granted already.
    loadExistingGrant: async (context) => {
      const { client, provider, session } = context.oidc;
      const grant = new provider.Grant({
        clientId: client?.clientId ?? "",
        accountId: session?.accountId ?? "",
      });
      grant.addOIDCScope("openid profile offline_access");
      await grant.save();
      return grant;
    },
  };
}
