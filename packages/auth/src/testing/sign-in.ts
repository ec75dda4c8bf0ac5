import { parseCallback } from "../core/sign-in/callback.js";
import type { CallbackParameters } from "../core/sign-in/callback.js";
import type { Auth } from "../core/auth.js";
import type { FlowRequest } from "../core/sign-in/flow.js";
import type { FlowId } from "../core/identifiers.js";
import type { Callback, CompletedFlow } from "../core/sign-in/complete-flow.js";
import type { FakeIdentityClient } from "./provider/fake-identity-client.js";
import type { TestPerson } from "./provider/test-people.js";

/** A sign-in layer and the fake identity client it was made with. */
export interface SignInParts {
  readonly auth: Pick<Auth, "initiateFlow">;
  readonly identityClient: FakeIdentityClient;
}

/** Who signs in, and how. */
export interface TestSignIn extends FlowRequest {
  readonly person: TestPerson;
  /** Set in, or with `undefined` removed from, what comes back to the redirect URI. */
  readonly parameters?: CallbackParameters | undefined;
  /** The session cookie that the browser has already. */
  readonly sessionCookie?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** The callback of a flow that waits for it, and the flow's name. */
export interface TestCallback extends Callback {
  readonly flowId: FlowId;
}

/**
 * Initiates a flow, signs the person in at the fake identity provider, and returns the callback as the browser that
 * initiated the flow would deliver it.
 *
 * @example
 * const test = createTestAuth();
 * const callback = await signInAtProvider(test, { person: testPeople.ada });
 * const { user } = await test.auth.completeFlow(callback);
 */
export async function signInAtProvider(
  { auth, identityClient }: SignInParts,
  { person, parameters, sessionCookie, userAgent, ...request }: TestSignIn,
): Promise<TestCallback> {
  const flow = await auth.initiateFlow(request);
  const answer = identityClient.answerAuthorization(
    flow.authorizationUrl,
    person,
  );
  return {
    flowId: flow.flowId,
    ...parseCallback({ ...answer, ...parameters }),
    browserToken: flow.browserToken,
    sessionCookie,
    userAgent,
  };
}

/** Signs the person in, from the first step to the session. */
export async function signIn(
  parts: SignInParts & {
    readonly auth: Pick<Auth, "initiateFlow" | "completeFlow">;
  },
  request: TestSignIn,
): Promise<CompletedFlow> {
  return parts.auth.completeFlow(await signInAtProvider(parts, request));
}
