/** The error of an AADSTS number. */
export interface AadstsEntry {
  /** The OAuth error. */
  readonly error: string;
  /** `{0}` and `{1}` are replaced by the arguments of the error. */
  readonly text: string;
  readonly suberror?: string | undefined;
}

/** The AADSTS numbers whose OAuth error and text the emulator knows. */
export const aadstsTable: Readonly<Record<number, AadstsEntry>> = {
  16000: {
    error: "interaction_required",
    text: "Selected user account does not exist in tenant '{0}'.",
  },
  50011: {
    error: "invalid_request",
    text: "The redirect URI '{0}' specified in the request does not match the redirect URIs configured for the application '{1}'. Make sure the redirect URI sent in the request matches one added to your application.",
  },
  50020: {
    error: "invalid_request",
    text: "User account '{0}' from identity provider '{1}' does not exist in tenant '{2}' and cannot access the application '{3}' in that tenant. The account needs to be added as an external user in the tenant first.",
  },
  50034: {
    error: "invalid_request",
    text: "The user account {0} does not exist in the {1} directory.",
  },
  50053: { error: "invalid_grant", text: "The account is locked." },
  50055: { error: "invalid_grant", text: "The password is expired." },
  50057: { error: "invalid_grant", text: "The user account is disabled." },
  50058: {
    error: "login_required",
    text: "A silent sign-in request was sent but no user is signed in, or several are.",
  },
  50059: {
    error: "invalid_request",
    text: "No tenant-identifying information found in the request.",
  },
  50074: {
    error: "interaction_required",
    text: "Strong Authentication is required.",
  },
  50076: {
    error: "invalid_grant",
    text: "Due to a configuration change made by your administrator, you must use multi-factor authentication to access '{0}'.",
    suberror: "basic_action",
  },
  50078: {
    error: "interaction_required",
    text: "Presented multi-factor authentication has expired.",
  },
  50079: {
    error: "interaction_required",
    text: "You must enroll in multi-factor authentication to access '{0}'.",
  },
  50105: {
    error: "interaction_required",
    text: "Your administrator has configured the application {0} ('{1}') to block users unless they are specifically granted access. The signed in user '{2}' is blocked because they are not assigned to it.",
  },
  50126: {
    error: "invalid_grant",
    text: "Error validating credentials due to invalid username or password.",
  },
  50147: {
    error: "invalid_request",
    text: "Invalid size or form of Code_Challenge parameter.",
  },
  501481: {
    error: "invalid_grant",
    text: "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
  },
  50173: {
    error: "invalid_grant",
    text: "The provided grant has expired due to it being revoked. Sign in again.",
  },
  50194: {
    error: "invalid_request",
    text: "Application '{0}'({1}) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps. Use a tenant-specific endpoint or configure the application to be multi-tenant.",
  },
  50196: {
    error: "invalid_grant",
    text: "The server terminated an operation because it encountered a loop.",
  },
  500011: {
    error: "invalid_resource",
    text: "The resource principal named {0} was not found in the tenant named {1}.",
  },
  50013: {
    error: "invalid_grant",
    text: "Assertion failed signature validation.",
  },
  53003: {
    error: "invalid_grant",
    text: "Access has been blocked by Conditional Access policies.",
  },
  54005: {
    error: "invalid_grant",
    text: "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
  },
  65001: {
    error: "invalid_grant",
    text: "The user or administrator has not consented to use the application with ID '{0}' named '{1}'. Send an interactive authorization request for this user and resource.",
    suberror: "consent_required",
  },
  65004: {
    error: "access_denied",
    text: "User declined to consent to access the app.",
  },
  650052: {
    error: "invalid_request",
    text: "The app needs access to a service that your organization has not subscribed to.",
  },
  650056: { error: "invalid_request", text: "Misconfigured application." },
  700005: {
    error: "invalid_grant",
    text: "The provided authorization code is intended to be used against another tenant.",
  },
  70000: {
    error: "invalid_grant",
    text: "The provided grant is invalid or malformed.",
  },
  700016: {
    error: "unauthorized_client",
    text: "Application with identifier '{0}' was not found in the directory '{1}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.",
  },
  700022: {
    error: "invalid_scope",
    text: "The provided value for the input parameter 'scope' is not valid because it contains more than one resource: {0}.",
  },
  700025: {
    error: "invalid_client",
    text: "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
  },
  700027: {
    error: "invalid_client",
    text: "Client assertion failed signature validation: {0}",
  },
  700021: {
    error: "invalid_client",
    text: "Client assertion application identifier doesn't match 'client_id' parameter.",
  },
  700024: {
    error: "invalid_client",
    text: "Client assertion is not within its valid time range.",
  },
  700023: {
    error: "invalid_client",
    text: "Client assertion audience claim does not match the token endpoint.",
  },
  70003: {
    error: "unsupported_grant_type",
    text: "The app requested an unsupported grant type '{0}'.",
  },
  700213: {
    error: "invalid_client",
    text: "No matching federated identity record found for presented assertion subject '{0}'.",
  },
  70005: {
    error: "unsupported_response_type",
    text: "The response type '{0}' is not supported.",
  },
  700051: {
    error: "unsupported_response_type",
    text: "response_type 'token' is not enabled for the application.",
  },
  700054: {
    error: "unsupported_response_type",
    text: "response_type 'id_token' is not enabled for the application.",
  },
  70007: {
    error: "unsupported_response_mode",
    text: "'{0}' is not a supported value of 'response_mode' when requesting a token.",
  },
  70008: {
    error: "invalid_grant",
    text: "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
  },
  700082: {
    error: "invalid_grant",
    text: "The refresh token has expired due to inactivity.",
  },
  700084: {
    error: "invalid_grant",
    text: "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which cannot be extended.",
  },
  70011: {
    error: "invalid_scope",
    text: "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {0} is not valid.",
  },
  70043: {
    error: "invalid_grant",
    text: "The refresh token has expired or is invalid due to sign-in frequency checks.",
    suberror: "bad_token",
  },
  7000215: {
    error: "invalid_client",
    text: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{0}'.",
  },
  7000218: {
    error: "invalid_client",
    text: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  },
  7000222: {
    error: "invalid_client",
    text: "The provided client secret keys for app '{0}' are expired.",
  },
  90002: {
    error: "invalid_tenant",
    text: "Tenant '{0}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
  },
  90023: { error: "invalid_request", text: "{0}" },
  90094: {
    error: "invalid_request",
    text: "{0} needs permission to access resources that only an admin can grant.",
  },
  90099: {
    error: "invalid_request",
    text: "The application has not been authorized in the tenant.",
  },
  900023: {
    error: "invalid_request",
    text: "Specified tenant identifier '{0}' is neither a valid DNS name, nor a valid external domain.",
  },
  900144: {
    error: "invalid_request",
    text: "The request body must contain the following parameter: '{0}'.",
  },
  900561: {
    error: "invalid_request",
    text: "The endpoint only accepts POST, OPTIONS requests. Received a GET request.",
  },
  900971: { error: "invalid_request", text: "No reply address provided." },
  901002: {
    error: "invalid_request",
    text: "The 'resource' request parameter is not supported.",
  },
  9001023: {
    error: "invalid_request",
    text: "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.",
  },
  9002325: {
    error: "invalid_request",
    text: "Proof Key for Code Exchange is required for cross-origin authorization code redemption.",
  },
  9002326: {
    error: "invalid_request",
    text: "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.",
  },
  9002327: {
    error: "invalid_request",
    text: "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
  },
};
