import { isFields } from "../fields.js";

/** The longest claims request that is sent on, in characters. */
export const maximumClaimsLength = 4096;

const tokenMembers = ["id_token", "access_token", "userinfo"];

/**
 * Returns whether the text is a claims request: an object whose members for each token are objects too. MSAL throws on
 * any other.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#ClaimsParameter | OpenID Connect Core §5.5}
 */
export function isClaimsRequest(text: string): boolean {
  try {
    const request: unknown = JSON.parse(text);
    return (
      isFields(request) &&
      tokenMembers.every(
        (name) => !Object.hasOwn(request, name) || isFields(request[name]),
      )
    );
  } catch {
    return false;
  }
}
