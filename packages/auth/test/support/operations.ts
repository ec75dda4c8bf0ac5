import { createAuditTrail } from "../../src/core/administration/audit-trail.js";
import { isAuthError } from "../../src/core/error.js";
import type { Stores } from "../../src/core/stores/stores.js";
import { createRequestAuthFactory } from "../../src/http/request-auth.js";
import type { RequestAuth } from "../../src/http/request-auth.js";
import { testPeople } from "../../src/testing/provider/test-people.js";
import type { TestPerson } from "../../src/testing/provider/test-people.js";
import { createTestAuth } from "../../src/testing/test-auth.js";
import { openCookieJar } from "./cookie-jar.js";

/** The operations of a browser whose statements are counted, in this order. */
export type Operation =
  | "start"
  | "callback of a first sign-in"
  | "me"
  | "callback of the next sign-in"
  | "callback of another user"
  | "logout"
  | "callback without a flow";

/**
 * Performs the operations of one browser, with rate limits, an audit trail and `onSignIn`, and without scopes. Returns
 * what `measure` returned for each.
 */
export async function performOperations<Measure>(
  stores: Stores,
  measure: (act: () => Promise<unknown>) => Promise<Measure>,
): Promise<Readonly<Partial<Record<Operation, Measure>>>> {
  const auditTrail = createAuditTrail({
    auditStore: stores.auditStore,
    onFailure: (error) => {
      throw error;
    },
  });
  const { auth, identityClient, clock } = createTestAuth({
    stores,
    auditTrail,
    rateLimit: { perMinute: 100 },
    onSignIn: () => undefined,
  });
  const createRequestAuth = createRequestAuthFactory({ auth, now: clock.now });
  const jar = openCookieJar();

  async function send<Answer>(
    act: (request: RequestAuth) => Promise<Answer>,
  ): Promise<Answer> {
    const responseHeaders = new Headers();
    const sent = new Headers({ cookie: jar.header() });
    const answer = await act(
      createRequestAuth({
        readHeader: (name) => sent.get(name),
        responseHeaders,
        clientAddress: "203.0.113.7",
      }),
    );
    jar.keep(responseHeaders);
    await auditTrail.settle();
    return answer;
  }

  async function reachCallback(person: TestPerson) {
    const { authorizationUrl } = await send((request) => request.login({}));
    const parameters = identityClient.answerAuthorization(
      authorizationUrl,
      person,
    );
    return () => send((request) => request.callback(parameters));
  }

  const { ada, ben } = testPeople;
  const start = await measure(() => send((request) => request.login({})));
  const callback = await reachCallback(ada);
  const first = await measure(callback);
  const me = await measure(() => send((request) => request.readSession()));
  const next = await measure(await reachCallback(ada));
  const other = await measure(await reachCallback(ben));
  const logout = await measure(() => send((request) => request.logout()));
  const lost = await measure(() => callback().catch(expectFlowNotFound));
  return {
    start,
    "callback of a first sign-in": first,
    me,
    "callback of the next sign-in": next,
    "callback of another user": other,
    logout,
    "callback without a flow": lost,
  };
}

function expectFlowNotFound(error: unknown): void {
  if (!isAuthError(error) || error.code !== "flow_not_found") throw error;
}
