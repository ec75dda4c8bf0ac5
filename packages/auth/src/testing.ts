export {
  createFakeIdentityClient,
  createPartitionKey,
} from "./testing/provider/fake-identity-client.js";
export type {
  FakeIdentityClient,
  FakeIdentityClientOptions,
  FakeOperation,
} from "./testing/provider/fake-identity-client.js";
export {
  createFakeIdentityProvider,
  createProviderSessionId,
} from "./testing/provider/fake-identity-provider.js";
export type {
  FakeIdentityProvider,
  FakeIdentityProviderOptions,
  FakeIdTokenRequest,
  KeySetChange,
  PublishedEndpoint,
} from "./testing/provider/fake-identity-provider.js";
export type {
  FakeSignature,
  TokenChange,
} from "./testing/provider/fake-token.js";
export { createMemoryStores } from "./testing/memory/stores.js";
export { signIn, signInAtProvider } from "./testing/sign-in.js";
export type {
  SignInParts,
  TestCallback,
  TestSignIn,
} from "./testing/sign-in.js";
export { emulatorServer } from "./testing/app/emulator-server.js";
export type {
  EmulatorServer,
  EmulatorServerOptions,
} from "./testing/app/emulator-server.js";
export { signInAs } from "./testing/app/sign-in-as.js";
export type {
  SignedInPerson,
  TestCookie,
  TestSession,
} from "./testing/app/sign-in-as.js";
export { describeStores } from "./testing/contract/store-contract.js";
export type {
  OpenedStores,
  TestFramework,
} from "./testing/contract/store-contract.js";
export {
  createTestAuth,
  createTestCore,
  testOrigin,
} from "./testing/test-auth.js";
export type {
  TestAuth,
  TestAuthOptions,
  TestCore,
} from "./testing/test-auth.js";
export { createTestClock } from "./testing/test-clock.js";
export type { TestClock } from "./testing/test-clock.js";
export { testPeople, testTenants } from "./testing/provider/test-people.js";
export type { TestPerson } from "./testing/provider/test-people.js";
