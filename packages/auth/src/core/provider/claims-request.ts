import { isFields } from "../fields.js";

/** The maximum length of a claims request, in characters. */
export const maximumClaimsLength = 4096;

const tokenMembers = ["id_token", "access_token", "userinfo"];

/**
 * Returns whether the text is a claims request: a JSON object whose property for each token is an object. MSAL throws
 * an unspecific error for anything else.
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
