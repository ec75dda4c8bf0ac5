export { createMsalClient } from "./msal/msal-client.js";
export type { MsalClientOptions } from "./msal/msal-client.js";
export type { ClientCredential } from "./msal/client-credential.js";
export {
  parseCertificates,
  parseClientCertificate,
  parseClientKey,
} from "./msal/client-certificate.js";
