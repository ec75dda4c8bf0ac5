import { parseFlowRequest } from "../../core/sign-in/flow-request.js";
import { toFailure, withDetails } from "../../core/error.js";
import type { AuthErrorCode } from "../../core/error.js";
import type { FlowRequest } from "../../core/sign-in/flow.js";
import type { ReturnUrl } from "../../core/identifiers.js";
import { parseReturnUrl } from "../../core/sign-in/return-url.js";
import { createNavigationPage, createConfirmationPage } from "./auth-page.js";
import { createStartUrl, hasCode, redirect } from "./auth-route.js";
import type { RouteRequest, Routes } from "./auth-route.js";
import { createCookieNames, formatCookie, parseCookies } from "../cookies.js";
import { parseQuery, readForm, readSingle } from "./request-parameters.js";
import type { RequestParameters } from "./request-parameters.js";
import {
  isFromOtherOrigin,
  requireDocument,
  requireOwnOrigin,
} from "../same-origin.js";

/** How long the cookie of a refused silent sign-in lives. */
const silentSeconds = 30;

/** The routes for signing in and out by navigations. */
export const signInRoutes: Routes = {
  "GET /login": {
    respond: startByLink,
    // Parsed here, because a start is counted before it is parsed.
    findTryAgainUrl: (request) =>
      createStartUrl(request, readWantedPage(request)),
  },
  "POST /login": {
    respond: startByForm,
    findTryAgainUrl: (request, error) =>
      createStartUrl(request, toFailure(error).returnUrl),
  },
  "GET /callback": {
    respond: completeSignIn,
    findTryAgainUrl: findCallbackTryAgainUrl,
  },
  "POST /logout": { respond: signOut },
};

/** The route that returns the active session. */
export const meRoutes: Routes = {
  "GET /me": {
    respond: async ({ requestAuth, headers }) => {
      const active = (await requestAuth.readSession()) ?? null;
      return Response.json(active, { headers });
    },
  },
};

/**
 * Starts a sign-in from a link. Any site can link to it, so only a link from our own pages may set more than the return
 * URL; otherwise an attacker could sign a visitor in to the attacker's account.
 */
async function startByLink(route: RouteRequest): Promise<Response> {
  const { url, auth, headers, readHeader } = route;
  requireDocument(readHeader);
  await route.count("login");
  const parameters = parseQuery(url.search);
  const returnUrl = parseReturnUrl(readSingle(parameters, "returnUrl"), auth);
  if (isFromOtherOrigin(readHeader, auth.origin)) {
    return createConfirmationPage(
      createStartUrl(route, returnUrl),
      `Another website linked to this page. Sign in to continue to ${new URL(auth.appUrl).host}.`,
      headers,
    );
  }
  return readHeader("sec-fetch-site") === "same-origin"
    ? start(route, parseStart(parameters, returnUrl))
    : startFromUnknown(route, parameters, returnUrl);
}

/** Starts for a typed address, or for a browser that does not send which site the link is from. */
async function startFromUnknown(
  route: RouteRequest,
  { prompt, claims = "", scopes = "", maxAgeSeconds = "" }: RequestParameters,
  returnUrl: ReturnUrl,
): Promise<Response> {
  if ([prompt].flat().includes("none")) return leadBack(route, returnUrl);
  if (claims !== "" || scopes !== "") {
    return createConfirmationPage(
      createStartUrl(route, returnUrl),
      "This address asks for permissions that only a page of the application may ask for. You can sign in without them.",
      route.headers,
    );
  }
  return start(route, parseStart({ maxAgeSeconds }, returnUrl));
}

/**
 * Redirects to the return URL without a sign-in, once. If the page tries again within 30 seconds, which would be an
 * endless loop, it gets a page with a button. A cookie detects the second attempt.
 */
function leadBack(route: RouteRequest, returnUrl: ReturnUrl): Response {
  const { auth, headers, readHeader } = route;
  const names = createCookieNames(auth);
  const name = `${names.flowPrefix}silent`;
  if (parseCookies(readHeader("cookie")).has(name)) {
    return createConfirmationPage(
      createStartUrl(route, returnUrl),
      "You are not signed in. Sign in to continue.",
      headers,
    );
  }
  headers.append("set-cookie", formatCookie(names, name, "1", silentSeconds));
  return redirect(returnUrl, headers);
}

async function start(
  { requestAuth, headers }: RouteRequest,
  request: FlowRequest,
): Promise<Response> {
  const { authorizationUrl } = await requestAuth.login(request);
  return redirect(authorizationUrl, headers);
}

/** Starts a sign-in from a form of our own pages, which may set all parameters. */
async function startByForm(route: RouteRequest): Promise<Response> {
  const { request, auth, requestAuth, headers, readHeader } = route;
  requireDocument(readHeader);
  requireOwnOrigin({
    method: request.method,
    readHeader,
    origin: auth.origin,
    allowsUnstated: false,
  });
  await route.count("login");
  const fields = await readForm(request);
  const returnUrl = parseReturnUrl(readSingle(fields, "returnUrl"), auth);
  try {
    const { authorizationUrl } = await requestAuth.login(
      parseStart(fields, returnUrl),
    );
    return createNavigationPage("Signing in…", authorizationUrl, headers);
  } catch (error) {
    throw withDetails(toFailure(error), { returnUrl });
  }
}

/** An empty field counts as absent, because forms send empty fields. */
function parseStart(
  parameters: RequestParameters,
  returnUrl: ReturnUrl,
): FlowRequest {
  const { scopes, maxAgeSeconds, ...fields } = Object.fromEntries(
    Object.entries(parameters).filter(([, value]) => value !== ""),
  );
  return parseFlowRequest({
    ...fields,
    returnUrl,
    scopes: [scopes ?? []]
      .flat()
      .flatMap((text) => text.split(" "))
      .filter(Boolean),
    ...(maxAgeSeconds === undefined
      ? {}
      : { maxAgeSeconds: Number(maxAgeSeconds) }),
  });
}

function readWantedPage({ url, auth }: RouteRequest): ReturnUrl | undefined {
  try {
    return parseReturnUrl(
      readSingle(parseQuery(url.search), "returnUrl"),
      auth,
    );
  } catch {
    return undefined;
  }
}

/**
 * Completes a sign-in. A repeated callback, from the history or a restored tab, and a late one find no flow. A visitor
 * who is signed in already is redirected to the start page.
 */
async function completeSignIn(route: RouteRequest): Promise<Response> {
  const { url, auth, requestAuth, headers } = route;
  try {
    const { returnUrl } = await requestAuth.callback(parseQuery(url.search));
    return redirect(returnUrl, headers);
  } catch (error) {
    // Not for `browser_mismatch`: the callback may be an attacker's, and the visitor should see that it was refused.
    const isSignedIn =
      hasCode(error, "flow_not_found") &&
      (await requestAuth.readSession()) !== undefined;
    if (isSignedIn) return redirect(`${auth.appUrl}/`, headers);
    throw error;
  }
}

/** Returns the empty string while the flow is pending: the same callback can be repeated, and is not in the page. */
function findCallbackTryAgainUrl(
  route: RouteRequest,
  error: unknown,
): string | undefined {
  const { code, returnUrl, isFlowTaken, claims, provider } = toFailure(error);
  if (code === "store_unavailable" && !isFlowTaken) return "";
  // The identity provider limits requests: another sign-in at once would extend the wait.
  if (code === "rate_limited" && provider !== undefined) return undefined;
  return createStartUrl(route, returnUrl, {
    ...(claims === undefined ? {} : { claims }),
    ...(refusedAccountCodes.includes(code) ? { prompt: "select_account" } : {}),
  });
}

/** The same account would be refused again, so the visitor must be able to choose another one. */
const refusedAccountCodes: readonly AuthErrorCode[] = [
  "authorization_denied",
  "tenant_not_allowed",
  "user_disabled",
  "sign_in_refused",
];

/**
 * Signs the visitor out. A request without an origin is accepted: browsers send no session cookie with a form of
 * another site, and a request without the cookie changes nothing. A form of a sibling subdomain does send it, but can
 * do no more harm than a sign-out.
 */
async function signOut(route: RouteRequest): Promise<Response> {
  const { request, auth, requestAuth, headers, readHeader, sessionCookie } =
    route;
  requireOwnOrigin({
    method: request.method,
    readHeader,
    origin: auth.origin,
    allowsUnstated: true,
  });
  const target =
    sessionCookie === undefined
      ? await auth.endSession(undefined)
      : (await requestAuth.logout()).logoutUrl;
  return new URL(target).origin === auth.origin
    ? redirect(target, headers)
    : createNavigationPage("Signing out…", target, headers);
}
