import type { ActiveSession } from "../core/session/active-session.js";
import { toFailure } from "../core/error.js";
import type { FlowId } from "../core/identifiers.js";
import { parseCallback } from "../core/sign-in/callback.js";
import type { CallbackParameters } from "../core/sign-in/callback.js";
import type { CompletedFlow } from "../core/sign-in/complete-flow.js";
import type { FlowRequest } from "../core/sign-in/flow.js";
import { reportUnknownAddress } from "./auth-limits.js";
import {
  countNewFlowCookies,
  formatCookie,
  formatFlowValue,
  formatRemoval,
  listSurplusFlowCookies,
  readBrowserToken,
} from "./cookies.js";
import { setRetryAfter } from "./error-response.js";
import { refuseBearerToken } from "./exchange.js";
import type { Exchange } from "./exchange.js";
import type { LimitedAction } from "./rate-limiter.js";
import { refuseSentHeaders } from "./streamed-batch.js";

/** Initiates a flow and sets its cookie. */
export async function login(
  exchange: Exchange,
  request: FlowRequest,
  readSession: () => Promise<ActiveSession | undefined>,
): Promise<{ readonly authorizationUrl: string }> {
  const { auth, names, cookies, now, http } = exchange;
  const { responseHeaders } = http;
  refuseBearerToken(exchange);
  refuseSentHeaders(http.readHeader);
  await consume(exchange, "login");
  // The session is needed only for the login hint.
  const active =
    request.loginHint === undefined ? undefined : await readSession();
  const { flowId, authorizationUrl, browserToken } = await auth.initiateFlow(
    request,
    active,
  );
  // Counted after the await, because the other calls of a batch run concurrently.
  const alreadySet = countNewFlowCookies(names, responseHeaders);
  for (const surplus of listSurplusFlowCookies(names, cookies, alreadySet)) {
    responseHeaders.append("set-cookie", formatRemoval(names, surplus));
  }
  const value = formatFlowValue(browserToken, now());
  const cookie = formatCookie(
    names,
    `${names.flowPrefix}${flowId}`,
    value,
    auth.flowTimeoutSeconds,
  );
  responseHeaders.append("set-cookie", cookie);
  return { authorizationUrl };
}

/** Completes the flow, removes its cookie and sets the session cookie. */
export async function callback(
  exchange: Exchange,
  parameters: CallbackParameters,
): Promise<CompletedFlow> {
  const { auth, names, cookies, http } = exchange;
  refuseBearerToken(exchange);
  refuseSentHeaders(http.readHeader);
  const parsed = parseCallback(parameters);
  const flowId = parsed.named?.flowId;
  const completed = await auth
    .completeFlow({
      ...parsed,
      browserToken: readBrowserToken(names, cookies, flowId),
      sessionCookie: cookies.get(names.session),
      userAgent: http.readHeader("user-agent") ?? undefined,
    })
    .catch(async (error: unknown) => {
      const { code, isFlowTaken } = toFailure(error);
      // If the store was unavailable, the flow is still pending and the same callback can be sent again.
      const mayStillWait = !isFlowTaken && code === "store_unavailable";
      if (!mayStillWait) removeFlowCookie(exchange, flowId);
      if (!isFlowTaken && !mayStillWait) await countLostCallback(exchange);
      throw error;
    });
  removeFlowCookie(exchange, flowId);
  const maxAgeSeconds = auth.sessionTimeouts.absoluteTimeoutSeconds;
  http.responseHeaders.append(
    "set-cookie",
    formatCookie(names, names.session, completed.sessionToken, maxAgeSeconds),
  );
  return completed;
}

/** Counts a callback without a flow. If the count fails, the callback's own failure is reported. */
async function countLostCallback(exchange: Exchange): Promise<void> {
  try {
    await consume(exchange, "callback");
  } catch (error) {
    if (toFailure(error).code === "rate_limited") throw error;
  }
}

/** Counts the action against the rate limit of the address. */
async function consume(
  { auth, rateLimiter, http }: Exchange,
  action: LimitedAction,
): Promise<void> {
  if (rateLimiter === undefined) return;
  const { clientAddress } = http;
  if (clientAddress === undefined) return reportUnknownAddress(auth);
  try {
    await rateLimiter.consume(action, clientAddress);
  } catch (error) {
    setRetryAfter(http.responseHeaders, toFailure(error));
    throw error;
  }
}

/** A failed callback consumes its flow too, so the cookie is useless. */
function removeFlowCookie(
  { names, cookies, http }: Exchange,
  flowId: FlowId | undefined,
): void {
  const name = `${names.flowPrefix}${flowId ?? ""}`;
  if (cookies.has(name))
    http.responseHeaders.append("set-cookie", formatRemoval(names, name));
}
