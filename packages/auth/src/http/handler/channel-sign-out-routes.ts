import { AuthError, isAuthError } from "../../core/error.js";
import { hasCode } from "./auth-route.js";
import type { RouteRequest, Routes } from "./auth-route.js";
import { parseQuery, readForm, readSingle } from "./request-parameters.js";
import { requireSignOutFrame } from "../same-origin.js";

/** The routes that the identity provider, or a page of it in the browser, calls to sign a user out. */
export const channelSignOutRoutes: Routes = {
  "GET /front-channel-logout": { respond: frontChannelLogout },
  "POST /back-channel-logout": { respond: backChannelLogout },
};

/**
 * The identity provider's sign-out page loads it in a frame, so it comes without cookies. `sid` identifies the
 * sessions.
 *
 * @see {@link https://openid.net/specs/openid-connect-frontchannel-1_0.html | Front-Channel Logout 1.0}
 */
async function frontChannelLogout(route: RouteRequest): Promise<Response> {
  const { url, auth, headers, readHeader } = route;
  requireSignOutFrame(readHeader);
  await endWithinBudget(route, async () => {
    const parameters = parseQuery(url.search);
    const sid = readSingle(parameters, "sid");
    const iss = readSingle(parameters, "iss");
    const repeatsIssuer = iss === undefined && Object.hasOwn(parameters, "iss");
    if (sid === undefined || sid === "" || repeatsIssuer) {
      throw new AuthError(
        "invalid_request",
        "A front-channel sign-out request must have exactly one sid and at most one iss.",
      );
    }
    return auth.endProviderSession(sid, iss);
  });
  headers.set("content-type", "text/html; charset=utf-8");
  headers.set("cross-origin-resource-policy", "cross-origin");
  headers.set(
    "content-security-policy",
    `default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors ${auth.authority}`,
  );
  return new Response("<!doctype html><title>Signed out</title>", { headers });
}

/** @see {@link https://openid.net/specs/openid-connect-backchannel-1_0.html | Back-Channel Logout 1.0} */
async function backChannelLogout(route: RouteRequest): Promise<Response> {
  const { request, auth, headers } = route;
  await endWithinBudget(route, async () => {
    const form = await readForm(request);
    await auth.endByLogoutToken(readSingle(form, "logout_token") ?? "");
    return true;
  });
  return new Response(undefined, { status: 200, headers });
}

/**
 * Counts the request first, and ends the session even over the limit. Over the limit, only a request that is invalid or
 * names no session is refused. The reason is that the identity provider signs many users out from few addresses, and
 * that another page must not be able to use up the limit of a visitor and so prevent the visitor's sign-out.
 */
async function endWithinBudget(
  { count }: RouteRequest,
  end: () => Promise<boolean>,
): Promise<void> {
  const refusal = await readRefusal(() => count("channel_logout"));
  try {
    if ((await end()) || refusal === undefined) return;
  } catch (error) {
    if (refusal === undefined || !hasCode(error, "invalid_request"))
      throw error;
  }
  throw refusal;
}

async function readRefusal(
  count: () => Promise<void>,
): Promise<AuthError | undefined> {
  try {
    await count();
    return undefined;
  } catch (error) {
    if (isAuthError(error) && error.code === "rate_limited") return error;
    throw error;
  }
}
