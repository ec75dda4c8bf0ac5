import type { AppRegistration, Person } from "./directory/directory.js";
import type { Fault } from "./faults/fault.js";
import type { KeyRotation } from "./keys/key-ring.js";
import type { AutoSignInRequest } from "./state/auto-sign-in.js";
import type { EmulatorState } from "./state/emulator-state.js";
import type { EndpointName, ReceivedRequest } from "./state/journal.js";
import {
  createLogoutToken,
  type LogoutTokenRequest,
  sendLogoutToken,
  type SentLogoutToken,
} from "./logout-token.js";

/** What tests do to the emulator; the control endpoint offers the same over HTTP. */
export interface EmulatorControl {
  /** Makes the emulator do something wrong; returns a function that ends it. */
  setFault(fault: Fault): () => void;
  clearFaults(): void;
  readonly faults: readonly Fault[];
  /** Makes a new signing key that signs at once; returns its `kid`. */
  rotateKeys(rotation?: KeyRotation): Promise<string>;
  /** Moves the emulator's clock; expired codes, tokens and sessions go. */
  advanceClock(seconds: number): void;
  /** Returns the last 1000 requests, oldest first. */
  requests(endpoint?: EndpointName): readonly ReceivedRequest[];
  clearRequests(): void;
  /** Signs a person in at the next authorization requests without a page; `undefined` ends it. */
  autoSignIn(request: AutoSignInRequest | string | undefined): void;
  /** Ends single sign-on sessions in every browser and revokes refresh tokens, of one person or of all. */
  signOutEverywhere(upn?: string): void;
  /** Revokes refresh tokens of one person or of all: the next use answers AADSTS50173. */
  revokeRefreshTokens(upn?: string): void;
  /** Forgets what a person consented to, so that the consent page shows; without a name, only what was granted since the start. */
  revokeConsent(upn?: string): void;
  /** Adds an app, or replaces the one with the same client ID. */
  putApp(app: AppRegistration): void;
  /** Adds a person, or replaces the one with the same UPN. */
  putPerson(person: Person): void;
  /** Makes a back-channel logout token. Entra ID sends none; relying parties that accept them need a sender to test with. */
  createLogoutToken(request: LogoutTokenRequest): Promise<string>;
  /** Makes a back-channel logout token and posts it to an app on this machine. */
  sendLogoutToken(
    request: LogoutTokenRequest & { readonly url: string },
  ): Promise<SentLogoutToken>;
}

/** Creates the control operations of an emulator. */
export function createControl(state: EmulatorState): EmulatorControl {
  const revoke = (upn?: string): void => {
    const upns =
      upn === undefined
        ? state.directory.people.map((person) => person.upn)
        : [upn];
    for (const name of upns) state.revocations.set(name, state.clock.now());
  };
  return {
    setFault: (fault) => state.faults.add(fault),
    clearFaults: () => state.faults.clear(),
    get faults() {
      return state.faults.active;
    },
    rotateKeys: async (rotation) => (await state.keys.rotate(rotation)).kid,
    advanceClock: (seconds) => state.clock.advance(seconds),
    requests: (endpoint) => state.journal.requests(endpoint),
    clearRequests: () => state.journal.clear(),
    autoSignIn: (request) =>
      state.autoSignIn.set(
        typeof request === "string" ? { upn: request } : request,
      ),
    signOutEverywhere: (upn) => {
      state.sessions.signOutEverywhere(upn);
      revoke(upn);
    },
    revokeRefreshTokens: revoke,
    revokeConsent: (upn) =>
      state.consents.revoke(
        upn === undefined ? undefined : state.directory.findPerson(upn),
      ),
    putApp: (app) => state.directory.putApp(app),
    putPerson: (person) => state.directory.putPerson(person),
    createLogoutToken: (request) => createLogoutToken(state, request),
    sendLogoutToken: (request) => sendLogoutToken(state, request),
  };
}
