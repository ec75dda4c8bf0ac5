/** The meaning of an Entra error code, the remedy, and who can apply it. */
export interface AadstsExplanation {
  readonly meaning: string;
  readonly remedy: string;
  readonly who: "developer" | "administrator" | "visitor";
}

/** Returns the explanation of a code such as `AADSTS50011`, or `undefined` for an unknown one. */
export function explainAadsts(code: string): AadstsExplanation | undefined {
  const number = /^(?:AADSTS)?(\d+)$/.exec(code)?.[1];
  return number === undefined ? undefined : explanations.get(number);
}

/** Returns the URL of Microsoft's page about the code. */
export function aadstsPage(code: string): string {
  const page = new URL("https://login.microsoftonline.com/error");
  page.searchParams.set("code", code.replace(/^AADSTS/, ""));
  return page.href;
}

const explanations = new Map<string, AadstsExplanation>([
  [
    "16000",
    {
      meaning: "The account belongs to another directory.",
      remedy: "Choose another account, or have this one invited as a guest.",
      who: "visitor",
    },
  ],
  [
    "50011",
    {
      meaning: "The redirect URI is not registered for this client.",
      remedy:
        "Register exactly the URI that was sent, character for character, under Authentication, platform Web.",
      who: "developer",
    },
  ],
  [
    "50020",
    {
      meaning: "The account is unknown in this tenant.",
      remedy: "Invite it as a guest, or sign in with another account.",
      who: "administrator",
    },
  ],
  [
    "50034",
    {
      meaning: "The directory has no such user.",
      remedy: "Correct the user name, or check the tenant.",
      who: "visitor",
    },
  ],
  [
    "50053",
    {
      meaning: "The account is locked, or the address it came from is blocked.",
      remedy: "Wait, or have the account unblocked.",
      who: "visitor",
    },
  ],
  [
    "50055",
    {
      meaning: "The password has expired.",
      remedy: "Set a new password at Microsoft.",
      who: "visitor",
    },
  ],
  [
    "50057",
    {
      meaning: "The account is disabled in its directory.",
      remedy: "Enable it again.",
      who: "administrator",
    },
  ],
  [
    "50058",
    {
      meaning: "A silent sign-in found no session to use.",
      remedy: "Start an interactive sign-in, without prompt=none.",
      who: "developer",
    },
  ],
  [
    "50074",
    {
      meaning: "A second factor was required and not given.",
      remedy: "Sign in again and confirm with the second factor.",
      who: "visitor",
    },
  ],
  [
    "50076",
    {
      meaning: "A policy now requires a second factor.",
      remedy: "Start a new sign-in with the claims of the error.",
      who: "developer",
    },
  ],
  [
    "50078",
    {
      meaning: "The last second factor is too long ago.",
      remedy: "Sign in again.",
      who: "visitor",
    },
  ],
  [
    "50079",
    {
      meaning: "No second factor is registered yet.",
      remedy: "Register one when Microsoft asks for it.",
      who: "visitor",
    },
  ],
  [
    "50105",
    {
      meaning: "The user is not assigned to this application.",
      remedy:
        "Assign the user or one of their groups under Enterprise applications.",
      who: "administrator",
    },
  ],
  [
    "50126",
    {
      meaning: "User name or password is wrong.",
      remedy: "Try again, or reset the password.",
      who: "visitor",
    },
  ],
  [
    "50173",
    {
      meaning:
        "The grant was revoked, by a new password or by an administrator.",
      remedy: "Sign in again.",
      who: "visitor",
    },
  ],
  [
    "50194",
    {
      meaning: "A single-tenant application was used with the common endpoint.",
      remedy:
        "Set ENTRA_TENANT to the tenant's ID, or register the application for several tenants.",
      who: "developer",
    },
  ],
  [
    "50196",
    {
      meaning: "The client sent the same request in a loop.",
      remedy: "Keep tokens in the cache and stop repeating the request.",
      who: "developer",
    },
  ],
  [
    "500011",
    {
      meaning: "The tenant does not know the API that a scope names.",
      remedy: "Correct the scope, or have the API provisioned in the tenant.",
      who: "developer",
    },
  ],
  [
    "501481",
    {
      meaning: "The code verifier does not match the code challenge.",
      remedy: "Keep each verifier together with its own state.",
      who: "developer",
    },
  ],
  [
    "53003",
    {
      meaning: "A Conditional Access policy blocked the sign-in.",
      remedy: "Meet the policy (device, place, network), or have it changed.",
      who: "administrator",
    },
  ],
  [
    "54005",
    {
      meaning: "The authorization code was used before.",
      remedy:
        "Exchange a code once; start a new sign-in instead of repeating the request.",
      who: "developer",
    },
  ],
  [
    "65001",
    {
      meaning: "The requested scopes have not been consented to.",
      remedy:
        "Send the visitor through an interactive sign-in, or have an administrator consent.",
      who: "developer",
    },
  ],
  [
    "65004",
    {
      meaning: "The visitor declined to consent.",
      remedy: "Explain what the permissions are for, and let them try again.",
      who: "visitor",
    },
  ],
  [
    "650052",
    {
      meaning: "The tenant has no subscription to the requested service.",
      remedy: "Subscribe to it, or drop the scope.",
      who: "administrator",
    },
  ],
  [
    "650056",
    {
      meaning:
        "The client requests a permission that is not registered or granted.",
      remedy: "Add the permission to the registration and grant it.",
      who: "developer",
    },
  ],
  [
    "700005",
    {
      meaning:
        "The code was exchanged at another tenant's endpoint than the one it came from.",
      remedy: "Use the same tenant for both requests.",
      who: "developer",
    },
  ],
  [
    "700016",
    {
      meaning: "The directory does not know this client.",
      remedy:
        "Check ENTRA_CLIENT_ID and ENTRA_TENANT; in another tenant, an administrator must consent first.",
      who: "developer",
    },
  ],
  [
    "700025",
    {
      meaning: "A public client sent a secret.",
      remedy: "Register the redirect URI under platform Web.",
      who: "developer",
    },
  ],
  [
    "700027",
    {
      meaning:
        "The client assertion was signed with a certificate that Entra does not know.",
      remedy: "Upload the certificate that is in use.",
      who: "developer",
    },
  ],
  [
    "7000215",
    {
      meaning:
        "The client secret is wrong; often its ID was copied instead of its value.",
      remedy: "Put the secret's value into ENTRA_CLIENT_SECRET.",
      who: "developer",
    },
  ],
  [
    "7000218",
    {
      meaning: "The client sent no credential.",
      remedy:
        "Set ENTRA_CLIENT_SECRET, or a certificate or federated credential.",
      who: "developer",
    },
  ],
  [
    "7000222",
    {
      meaning: "The client secret has expired.",
      remedy: "Create a new one, or better, use a certificate.",
      who: "developer",
    },
  ],
  [
    "700054",
    {
      meaning:
        "The client requested an ID token from the authorization endpoint, which its registration does not allow.",
      remedy: "Use the response type code alone.",
      who: "developer",
    },
  ],
  [
    "70008",
    {
      meaning: "The authorization code or refresh token has expired.",
      remedy: "Sign in again.",
      who: "visitor",
    },
  ],
  [
    "700082",
    {
      meaning: "The refresh token was not used for too long.",
      remedy: "Sign in again.",
      who: "visitor",
    },
  ],
  [
    "700084",
    {
      meaning:
        "The refresh token was issued to a single-page app and expired after 24 hours.",
      remedy: "Register the redirect URI under platform Web; sign in again.",
      who: "developer",
    },
  ],
  [
    "70011",
    {
      meaning: "A scope is malformed or unknown.",
      remedy: "Correct the scope.",
      who: "developer",
    },
  ],
  [
    "70043",
    {
      meaning: "The sign-in frequency that a policy sets has been reached.",
      remedy: "Sign in again.",
      who: "visitor",
    },
  ],
  [
    "90002",
    {
      meaning: "There is no such tenant in this cloud.",
      remedy: "Check ENTRA_TENANT and ENTRA_AUTHORITY.",
      who: "developer",
    },
  ],
  [
    "90094",
    {
      meaning: "The permission needs an administrator's consent.",
      remedy: "Have an administrator grant it for the organisation.",
      who: "administrator",
    },
  ],
  [
    "90099",
    {
      meaning: "The application is not authorised in the customer's tenant.",
      remedy: "Pre-consent it there.",
      who: "administrator",
    },
  ],
  [
    "900144",
    {
      meaning: "The request lacks a required parameter.",
      remedy: "Send the parameter that the message names.",
      who: "developer",
    },
  ],
  [
    "900971",
    {
      meaning: "Neither the request nor the registration has a redirect URI.",
      remedy: "Register one and send it.",
      who: "developer",
    },
  ],
  [
    "9002325",
    {
      meaning:
        "The redirect URI is registered as a single-page app's, which requires PKCE.",
      remedy: "Register it under platform Web.",
      who: "developer",
    },
  ],
  [
    "9002326",
    {
      meaning:
        "The code was exchanged in the browser, for a redirect URI of a web app.",
      remedy:
        "Exchange it on the server, and register the redirect URI under platform Web.",
      who: "developer",
    },
  ],
]);
