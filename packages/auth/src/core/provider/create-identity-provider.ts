import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
} from "jose";
import type {
  CryptoKey,
  FetchImplementation,
  FlattenedJWSInput,
  JSONWebKeySet,
  JWSHeaderParameters,
} from "jose";
import { parseAuthority } from "./authority.js";
import { waitUntil } from "./deadline.js";
import { AuthError } from "../error.js";
import { readField } from "../fields.js";
import { withFailureMemory } from "./failure-memory.js";
import type {
  IdentityProvider,
  ProviderMetadata,
  SigningKey,
} from "./identity-provider.js";
import { fetchMetadata } from "./provider-metadata.js";
import { createProviderSender } from "./provider-request.js";
import type { ProviderConnection, SendToProvider } from "./provider-request.js";

/** The options of `createIdentityProvider`. */
export interface IdentityProviderOptions extends ProviderConnection {
  /** The cloud instance, such as `https://login.microsoftonline.com`: an origin, without a tenant. */
  readonly authority: string;
  /** A tenant ID or domain, `organizations`, `common` or `consumers`. */
  readonly tenant: string;
  /**
   * The application (client) ID. It is sent in the discovery request, because Entra signs the tokens of an app with
   * claims mapping with a key of that app.
   */
  readonly clientId: string;
  readonly now?: (() => Date) | undefined;
}

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** The signing keys in use, by jose's key: of each key ID one, until the keys are read again. */
type KnownKeys = WeakMap<CryptoKey, SigningKey>;

const timeoutMilliseconds = 4000;
const metadataFreshMilliseconds = 24 * 60 * 60 * 1000;
const metadataRetryMilliseconds = 60 * 1000;
const keysFreshMilliseconds = 24 * 60 * 60 * 1000;
const keysRefreshMilliseconds = 60 * 60 * 1000;
const keysCooldownMilliseconds = 30 * 1000;
const maximumKeySetBytes = 1024 * 1024;

/**
 * Creates the identity provider of one authority and tenant. Its discovery document is read on first use and cached for
 * a day. If it then cannot be read, the previous one remains in use. The signing keys are cached for a day and
 * refreshed every hour in the background. Failed requests are retried at most once in five seconds.
 *
 * @throws {TypeError} if the authority is not an origin, is an alias host of a cloud, or is plain http on a host that is not
 *   loopback.
 */
export function createIdentityProvider(
  options: IdentityProviderOptions,
): IdentityProvider {
  return createIdentityProviderWith(createProviderSender(options), options);
}

/** Creates the identity provider for a caller that sends other requests by the same function. */
export function createIdentityProviderWith(
  send: SendToProvider,
  options: Omit<IdentityProviderOptions, keyof ProviderConnection>,
): IdentityProvider {
  const authority = parseAuthority(options.authority);
  const { clientId } = options;
  // Issuers and tokens contain tenant IDs in lower case.
  const tenant = options.tenant.toLowerCase();
  const now = options.now ?? (() => new Date());
  const readMetadata = createMetadataReader(
    withFailureMemory(
      () =>
        fetchMetadata({
          authority,
          tenant,
          clientId,
          send,
          timeoutMilliseconds,
        }),
      now,
    ),
    now,
  );
  const readKeySet = createKeySetReader(send, now);
  const known: KnownKeys = new WeakMap();
  return {
    authority,
    tenant,
    readMetadata,
    findSigningKey: async (header, token, signal) => {
      const keySet = readKeySet(await readMetadata(signal));
      return waitUntil(
        findSigningKey({ keySet, known }, header, token),
        signal,
      );
    },
  };
}

/** Shares one request among concurrent callers. A failed refresh keeps the previous document for another minute. */
function createMetadataReader(
  read: () => Promise<ProviderMetadata>,
  now: () => Date,
): IdentityProvider["readMetadata"] {
  let known:
    | { readonly metadata: ProviderMetadata; readonly staleAt: number }
    | undefined;
  let pending: Promise<ProviderMetadata> | undefined;

  async function refresh(): Promise<ProviderMetadata> {
    try {
      const metadata = await read();
      known = {
        metadata,
        staleAt: now().getTime() + metadataFreshMilliseconds,
      };
      return metadata;
    } catch (error) {
      if (known === undefined) throw error;
      known = {
        metadata: known.metadata,
        staleAt: now().getTime() + metadataRetryMilliseconds,
      };
      return known.metadata;
    } finally {
      pending = undefined;
    }
  }

  return async (signal) => {
    if (known !== undefined && now().getTime() < known.staleAt)
      return known.metadata;
    pending ??= refresh();
    return waitUntil(pending, signal);
  };
}

function createKeySetReader(
  send: SendToProvider,
  now: () => Date,
): (metadata: ProviderMetadata) => KeySet {
  let current: { readonly uri: string; readonly keySet: KeySet } | undefined;
  let refreshAt = 0;
  return ({ jwksUri }) => {
    if (current?.uri !== jwksUri) {
      current = { uri: jwksUri, keySet: createKeySet(jwksUri, send, now) };
      refreshAt = now().getTime() + keysRefreshMilliseconds;
    } else if (now().getTime() >= refreshAt) {
      refreshAt = now().getTime() + keysRefreshMilliseconds;
      // After a failed refresh the cached keys remain in use. A token with an unknown key reports the failure.
      current.keySet.reload().catch(() => undefined);
    }
    return current.keySet;
  };
}

function createKeySet(
  jwksUri: string,
  send: SendToProvider,
  now: () => Date,
): KeySet {
  return createRemoteJWKSet(new URL(jwksUri), {
    timeoutDuration: timeoutMilliseconds,
    cooldownDuration: keysCooldownMilliseconds,
    cacheMaxAge: keysFreshMilliseconds,
    // jose's cool-down applies only after a successful read. Without this memory, every token would cause a request.
    [customFetch]: withFailureMemory<Parameters<FetchImplementation>, Response>(
      (url, options) => fetchKeys(send, url, options),
      now,
    ),
  });
}

/** Also validates the response, so that one without keys counts as a failure. */
async function fetchKeys(
  send: SendToProvider,
  ...[url, options]: Parameters<FetchImplementation>
): Promise<Response> {
  const { status, text } = await send(url, {
    method: "GET",
    headers: Object.fromEntries(options.headers),
    maximumBytes: maximumKeySetBytes,
    signal: options.signal,
  });
  if (status !== 200)
    throw new errors.JWKSInvalid(
      `The identity provider responded with status ${status} for its keys.`,
    );
  const keys: JSONWebKeySet = JSON.parse(text ?? "");
  createLocalJWKSet(keys);
  return Response.json(keys);
}

async function findSigningKey(
  { keySet, known }: { readonly keySet: KeySet; readonly known: KnownKeys },
  header: JWSHeaderParameters,
  token: FlattenedJWSInput,
): Promise<SigningKey> {
  try {
    const key = await keySet(header, token);
    const present = known.get(key);
    if (present !== undefined) return present;
    const issuer = readKeyIssuer(keySet, header.kid);
    const found = { key, issuer };
    known.set(key, found);
    return found;
  } catch (error) {
    throw toAuthError(error);
  }
}

function readKeyIssuer(
  keySet: KeySet,
  kid: string | undefined,
): string | undefined {
  const jwk = keySet
    .jwks()
    ?.keys.find((candidate) =>
      kid === undefined ? candidate.kty === "RSA" : candidate.kid === kid,
    );
  const issuer = readField({ ...jwk }, "issuer");
  return typeof issuer === "string" ? issuer : undefined;
}

function toAuthError(error: unknown): AuthError {
  if (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  ) {
    return new AuthError(
      "id_token_invalid",
      "The token is signed with a key that the identity provider does not publish.",
      {
        cause: error,
      },
    );
  }
  return new AuthError(
    "identity_provider_unavailable",
    "The identity provider's signing keys cannot be read.",
    {
      cause: error,
    },
  );
}
