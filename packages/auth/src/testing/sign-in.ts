import { parseCallback } from "../core/sign-in/callback.js";
import type { CallbackParameters } from "../core/sign-in/callback.js";
import type { Auth } from "../core/auth.js";
import type { FlowRequest } from "../core/sign-in/flow.js";
import type { FlowId } from "../core/identifiers.js";
import type { Callback, CompletedFlow } from "../core/sign-in/complete-flow.js";
import type { FakeIdentityClient } from "./provider/fake-identity-client.js";
import type { TestPerson } from "./provider/test-people.js";

/** A sign-in layer and its fake identity client. */
export interface SignInParts {
  readonly auth: Pick<Auth, "initiateFlow">;
  readonly identityClient: FakeIdentityClient;
}

/** A sign-in of a person. */
export interface TestSignIn extends FlowRequest {
  readonly person: TestPerson;
  /** Parameters to change in the callback; `undefined` removes one. */
  readonly parameters?: CallbackParameters | undefined;
  /** The browser's existing session cookie. */
  readonly sessionCookie?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** The callback of a pending flow, and the flow's ID. */
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
  const response = identityClient.answerAuthorization(
    flow.authorizationUrl,
    person,
  );
  return {
    flowId: flow.flowId,
    ...parseCallback({ ...response, ...parameters }),
    browserToken: flow.browserToken,
    sessionCookie,
    userAgent,
  };
}

/** Initiates and completes a flow of the person. */
export async function signIn(
  parts: SignInParts & {
    readonly auth: Pick<Auth, "initiateFlow" | "completeFlow">;
  },
  request: TestSignIn,
): Promise<CompletedFlow> {
  return parts.auth.completeFlow(await signInAtProvider(parts, request));
}
