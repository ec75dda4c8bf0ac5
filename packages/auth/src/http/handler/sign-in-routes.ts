import { parseFlowRequest } from "../../core/sign-in/flow-request.js";
import { toFailure, withDetails } from "../../core/error.js";
import type { AuthErrorCode } from "../../core/error.js";
import type { FlowRequest } from "../../core/sign-in/flow.js";
import type { ReturnUrl } from "../../core/identifiers.js";
import { parseReturnUrl } from "../../core/sign-in/return-url.js";
import { createNavigationPage, createStartPage } from "./auth-page.js";
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

/** For how long a silent sign-in that led back is remembered. */
const silentSeconds = 30;

/** The routes of a visitor who signs in and out by navigations. */
export const signInRoutes: Routes = {
  "GET /login": {
    respond: startByLink,
    // Read only now: a start is counted before it is parsed.
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
 * Starts a sign-in from an address. Any site can link to it, so only a link of our own pages decides more than the page to
 * return to; otherwise a stranger could sign a visitor in to the stranger's account.
 */
async function startByLink(route: RouteRequest): Promise<Response> {
  const { url, auth, headers, readHeader } = route;
  requireDocument(readHeader);
  await route.count("login");
  const parameters = parseQuery(url.search);
  const returnUrl = parseReturnUrl(readSingle(parameters, "returnUrl"), auth);
  if (isFromOtherOrigin(readHeader, auth.origin)) {
    return createStartPage(
      createStartUrl(route, returnUrl),
      `Another website sent you here. Sign in to continue to ${new URL(auth.appUrl).host}.`,
      headers,
    );
  }
  return readHeader("sec-fetch-site") === "same-origin"
    ? start(route, parseStart(parameters, returnUrl))
    : startFromUnknown(route, parameters, returnUrl);
}

/** Starts for an address that was typed, or a browser that does not state whose link it follows. */
async function startFromUnknown(
  route: RouteRequest,
  { prompt, claims = "", scopes = "", maxAgeSeconds = "" }: RequestParameters,
  returnUrl: ReturnUrl,
): Promise<Response> {
  if ([prompt].flat().includes("none")) return leadBack(route, returnUrl);
  if (claims !== "" || scopes !== "") {
    return createStartPage(
      createStartUrl(route, returnUrl),
      "This address asks for permissions that only a page of the application may ask for. You can sign in without them.",
      route.headers,
    );
  }
  return start(route, parseStart({ maxAgeSeconds }, returnUrl));
}

/**
 * Leads back once as not signed in. A page that tries again at once, which would never end, gets a page with a button: a
 * cookie that lives for 30 seconds recognizes it.
 */
function leadBack(route: RouteRequest, returnUrl: ReturnUrl): Response {
  const { auth, headers, readHeader } = route;
  const names = createCookieNames(auth);
  const name = `${names.flowPrefix}silent`;
  if (parseCookies(readHeader("cookie")).has(name)) {
    return createStartPage(
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

/** Starts a sign-in from a form of our own pages, which decides everything, in any browser. */
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

/** A field that is empty counts as absent: a form sends its empty fields as well. */
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
 * Completes a sign-in. A callback that comes twice, from the history or a restored tab, and one that comes too late find
 * no flow; a visitor who is signed in has nothing to do about that, and gets to the start page.
 */
async function completeSignIn(route: RouteRequest): Promise<Response> {
  const { url, auth, requestAuth, headers } = route;
  try {
    const { returnUrl } = await requestAuth.callback(parseQuery(url.search));
    return redirect(returnUrl, headers);
  } catch (error) {
    // Not for `browser_mismatch`: the callback may be a stranger's, and the visitor should know that it was refused.
    const isSignedIn =
      hasCode(error, "flow_not_found") &&
      (await requestAuth.readSession()) !== undefined;
    if (isSignedIn) return redirect(`${auth.appUrl}/`, headers);
    throw error;
  }
}

/** The same callback again as long as its flow waits for it; its address stays out of the page. */
function findCallbackTryAgainUrl(
  route: RouteRequest,
  error: unknown,
): string | undefined {
  const { code, returnUrl, isFlowTaken, claims, provider } = toFailure(error);
  if (code === "store_unavailable" && !isFlowTaken) return "";
  // The identity provider asks for a pause: another sign-in at once would extend it.
  if (code === "rate_limited" && provider !== undefined) return undefined;
  return createStartUrl(route, returnUrl, {
    ...(claims === undefined ? {} : { claims }),
    ...(refusedAccountCodes.includes(code) ? { prompt: "select_account" } : {}),
  });
}

/** With these the same account would be refused again, and the identity provider would choose it without a question. */
const refusedAccountCodes: readonly AuthErrorCode[] = [
  "authorization_denied",
  "tenant_not_allowed",
  "user_disabled",
  "sign_in_refused",
];

/**
 * Signs the visitor out. A request that does not state its origin is accepted: no form of another site brings the session
 * cookie along (that of a sibling subdomain can, and does no more harm than a sign-out), and a form that brings none changes nothing.
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
