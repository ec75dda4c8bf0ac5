import { registration } from "./registration.js";

/**
 * The content of an authorization code. The load generator makes the code itself from the authorization URL, as if the
 * person had signed in, so the provider has no pages and keeps no state.
 */
export interface AuthorizationCode {
  readonly person: number;
  readonly nonce: string | undefined;
  readonly codeChallenge: string;
  readonly redirectUri: string;
}

/** The redirect from the provider to the app. */
export interface Callback {
  readonly parameters: Readonly<Record<string, string>>;
  /** The path of the redirect URI with the parameters as its query. */
  readonly path: string;
}

/** Signs this person in at the provider. @throws {Error} if the authorization request is not valid. */
export function authorize(authorizationUrl: string, person: number): Callback {
  const { searchParams } = new URL(authorizationUrl);
  const read = (name: string) => {
    const value = searchParams.get(name);
    if (value === null || value === "")
      throw new Error(`The authorization request has no ${name}.`);
    return value;
  };
  require(read("client_id") === registration.clientId, "client_id");
  require(read("response_type") === "code", "response_type");
  require(read("code_challenge_method") === "S256", "code_challenge_method");
  require(read("scope").split(" ").includes("openid"), "scope");
  const code: AuthorizationCode = {
    person,
    nonce: searchParams.get("nonce") ?? undefined,
    codeChallenge: read("code_challenge"),
    redirectUri: read("redirect_uri"),
  };
  const state = searchParams.get("state");
  const parameters = {
    code: Buffer.from(JSON.stringify(code)).toString("base64url"),
    // By default Auth.js sends no state, only PKCE.
    ...(state === null ? {} : { state }),
  };
  const { pathname } = new URL(code.redirectUri);
  return {
    parameters,
    path: `${pathname}?${new URLSearchParams(parameters).toString()}`,
  };
}

/** Reads a code that `authorize` has made. */
export function parseAuthorizationCode(code: string): AuthorizationCode {
  return JSON.parse(Buffer.from(code, "base64url").toString());
}

function require(isValid: boolean, name: string): void {
  if (!isValid)
    throw new Error(`The authorization request has an unexpected ${name}.`);
}
