import { AuthError, isAuthError } from "../../core/error.js";
import { hasCode } from "./auth-route.js";
import type { RouteRequest, Routes } from "./auth-route.js";
import { parseQuery, readForm, readSingle } from "./request-parameters.js";
import { requireSignOutFrame } from "../same-origin.js";

/** The routes that the identity provider calls, or lets a browser call, to sign a person out. */
export const channelSignOutRoutes: Routes = {
  "GET /front-channel-logout": { respond: frontChannelLogout },
  "POST /back-channel-logout": { respond: backChannelLogout },
};

/**
 * Arrives in a frame on the identity provider's sign-out page, so without cookies; `sid` is what finds the sessions.
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
        "A front-channel sign-out names one sid, and at most one iss.",
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
 * Counts first, and ends what the request names even when the budget is used up: only a request that names no session, or
 * is not acceptable, is refused then. The identity provider signs many people out from few addresses, and no other page
 * can use up a visitor's budget and so keep the visitor signed in.
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
