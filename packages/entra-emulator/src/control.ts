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

/** The operations that control the emulator; the control endpoint offers them over HTTP. */
export interface EmulatorControl {
  /** Adds a fault; returns a function that removes it. */
  setFault(fault: Fault): () => void;
  clearFaults(): void;
  readonly faults: readonly Fault[];
  /** Replaces the signing key at once; returns the `kid` of the new one. */
  rotateKeys(rotation?: KeyRotation): Promise<string>;
  /** Advances the emulator's clock; codes, tokens and sessions expire accordingly. */
  advanceClock(seconds: number): void;
  /** Returns the last 1000 requests, oldest first. */
  requests(endpoint?: EndpointName): readonly ReceivedRequest[];
  clearRequests(): void;
  /** Signs a person in at the next authorization requests without a page; `undefined` switches this off. */
  autoSignIn(request: AutoSignInRequest | string | undefined): void;
  /** Ends single sign-on sessions in every browser and revokes refresh tokens, of one person or of all. */
  signOutEverywhere(upn?: string): void;
  /** Revokes refresh tokens of one person or of all: their next use fails with AADSTS50173. */
  revokeRefreshTokens(upn?: string): void;
  /**
   * Revokes all consent of a person, so that the consent page appears; without a UPN, all consent granted since the
   * start.
   */
  revokeConsent(upn?: string): void;
  /** Adds an app, or replaces the one with the same client ID. */
  putApp(app: AppRegistration): void;
  /** Adds a person, or replaces the one with the same UPN. */
  putPerson(person: Person): void;
  /** Creates a back-channel logout token. Entra ID sends none, but relying parties that accept them need to test it. */
  createLogoutToken(request: LogoutTokenRequest): Promise<string>;
  /** Creates a back-channel logout token and posts it to an app on this machine. */
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
