export type { EmulatorControl } from "./control.js";
export {
  builtInApps,
  builtInPeople,
  builtInTenants,
  demoApp,
  demoClientSecret,
} from "./directory/built-in-directory.js";
export type {
  AppRegistration,
  ClientSecret,
  DirectoryContent,
  EdovFormat,
  ApplicationPermission,
  ExposedApi,
  FederatedCredential,
  Membership,
  Person,
  SignInAudience,
  Tenant,
} from "./directory/directory.js";
export {
  type Fault,
  type FaultType,
  faultTypes,
  type Json,
  type JsonObject,
  type KeySetVariant,
  keySetVariants,
  type SignatureVariant,
  signatureVariants,
  type TokenOccasion,
} from "./faults/fault.js";
export type { KeyRotation } from "./keys/key-ring.js";
export {
  type LogoutTokenRequest,
  type LogoutTokenVariant,
  logoutTokenVariants,
  type SentLogoutToken,
} from "./logout-token.js";
export { knownAadstsCodes } from "./protocol/aadsts.js";
export {
  type EntraEmulator,
  type EntraEmulatorOptions,
  startEntraEmulator,
} from "./start-emulator.js";
export type { AutoSignInRequest } from "./state/auto-sign-in.js";
export {
  type EndpointName,
  endpointNames,
  type ReceivedRequest,
} from "./state/journal.js";
