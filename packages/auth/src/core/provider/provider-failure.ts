import { AuthError } from "../error.js";
import type { AuthErrorCode, ProviderError } from "../error.js";

/** The failed operation: an authorization request, a code exchange, or a token request without interaction. */
export type ProviderOperation = "authorize" | "exchange_code" | "acquire_token";

/** The details of an error of the identity provider. */
export interface ProviderFailureOptions {
  /** The claims challenge, as `parseClaimsChallenge` returns it. */
  readonly claims?: string | undefined;
  readonly cause?: unknown;
}

const defaultMessages = {
  rate_limited:
    "The identity provider received too many sign-in requests. Wait five minutes, then try again.",
  authorization_denied:
    "The identity provider refused the sign-in, or it was cancelled there.",
  consent_required:
    "The application needs consent from the user or an administrator.",
  login_required: "The identity provider requires the user to sign in.",
  interaction_required:
    "The account must sign in again at the identity provider, or complete a step there.",
  code_rejected:
    "The identity provider refused the authorization code: it was already used or has expired. Start the sign-in again.",
  client_rejected:
    "The identity provider refused the application's credential or registration. The application's developer must correct it.",
  identity_provider_unavailable:
    "The identity provider is unavailable at the moment. Try again later.",
  tenant_not_found:
    "The identity provider has no such tenant. The application's developer must correct the tenant.",
  authorization_failed: "The identity provider refused the request.",
} as const satisfies Partial<Record<AuthErrorCode, string>>;

type Code = keyof typeof defaultMessages;

/** A code, or `grant_refused`, whose code depends on the operation. */
type Meaning = Code | "grant_refused";

interface Rule {
  readonly meaning: Meaning;
  /** A more specific message than the default message of the code. */
  readonly message?: string | undefined;
}

const cancelled: Rule = {
  meaning: "authorization_denied",
  message: "The sign-in was cancelled at the identity provider.",
};
const declined: Rule = {
  meaning: "authorization_denied",
  message: "The user declined the consent that the application requested.",
};
const blocked: Rule = {
  meaning: "authorization_denied",
  message:
    "A policy of the organisation does not allow this sign-in. Ask an administrator.",
};
const foreignAccount: Rule = {
  meaning: "authorization_denied",
  message:
    "The account does not belong to the organisation. Use another account, or ask an administrator to invite this one.",
};
const unassigned: Rule = {
  meaning: "authorization_denied",
  message:
    "The account is not assigned to the application. Ask an administrator to assign it.",
};
const disabledAccount: Rule = {
  meaning: "authorization_denied",
  message: "The account is disabled or locked. Ask an administrator.",
};

const expiredAssertion: Rule = {
  meaning: "client_rejected",
  message:
    "The application's assertion is outside its validity period. Check the server's clock, then the certificate or token that it signs with.",
};

/** The rule for each of these names. */
type Table = readonly (readonly [
  names: readonly (string | undefined)[],
  rule: Rule,
])[];

// Another sign-in would not help: these take precedence over `suberror`.
const decisiveNumbers: Table = [
  [["AADSTS50196"], { meaning: "rate_limited" }],
  [["AADSTS65004"], declined],
];

// The values that MSAL recognises. Others, such as `bad_token`, add nothing to `invalid_grant`.
const suberrors: Table = [
  [["cancel"], cancelled],
  [["consent_required"], { meaning: "consent_required" }],
  [
    [
      "basic_action",
      "additional_action",
      "user_password_expired",
      "interrupted_user",
      "ui_not_allowed",
      "ux_not_allowed",
    ],
    { meaning: "interaction_required" },
  ],
  // A sign-in would only show a message.
  [["message_only"], blocked],
];

/** @see {@link https://learn.microsoft.com/entra/identity-platform/reference-error-codes | Entra's error codes} */
const numbers: Table = [
  [
    [
      "AADSTS65001",
      "AADSTS90093",
      "AADSTS90094",
      "AADSTS90095",
      "AADSTS90099",
      "AADSTS900941",
      "AADSTS900981",
    ],
    { meaning: "consent_required" },
  ],
  [["AADSTS50058"], { meaning: "login_required" }],
  [
    [
      "AADSTS16000",
      "AADSTS50055",
      "AADSTS50072",
      "AADSTS50074",
      "AADSTS50076",
      "AADSTS50078",
      "AADSTS50079",
      "AADSTS50097",
      "AADSTS50125",
      "AADSTS50140",
      "AADSTS50144",
      "AADSTS50158",
      "AADSTS50173",
      "AADSTS70043",
      "AADSTS70044",
    ],
    { meaning: "interaction_required" },
  ],
  [
    ["AADSTS50020", "AADSTS50034", "AADSTS50177", "AADSTS51004", "AADSTS90072"],
    foreignAccount,
  ],
  [["AADSTS50105", "AADSTS501051"], unassigned],
  [["AADSTS50053", "AADSTS50057"], disabledAccount],
  [
    [
      "AADSTS50129",
      "AADSTS50131",
      "AADSTS53000",
      "AADSTS53001",
      "AADSTS53002",
      "AADSTS53003",
      "AADSTS53004",
      "AADSTS53009",
      "AADSTS53010",
      "AADSTS53011",
      "AADSTS500021",
      "AADSTS500022",
      "AADSTS500212",
      "AADSTS500213",
      "AADSTS530001",
      "AADSTS530002",
      "AADSTS530003",
      "AADSTS530004",
      "AADSTS530021",
      "AADSTS530031",
      "AADSTS530032",
      "AADSTS530034",
      "AADSTS530035",
    ],
    blocked,
  ],
  [
    [
      "AADSTS54005",
      "AADSTS70000",
      "AADSTS70008",
      "AADSTS501481",
      "AADSTS700005",
      "AADSTS700082",
      "AADSTS700084",
      "AADSTS9002313",
    ],
    { meaning: "grant_refused" },
  ],
  [["AADSTS700024"], expiredAssertion],
  [
    ["AADSTS90002", "AADSTS900023", "AADSTS90038"],
    { meaning: "tenant_not_found" },
  ],
];

const errors: Table = [
  [["invalid_tenant"], { meaning: "tenant_not_found" }],
  [["access_denied"], { meaning: "authorization_denied" }],
  [["consent_required"], { meaning: "consent_required" }],
  [["login_required"], { meaning: "login_required" }],
  [
    ["interaction_required", "account_selection_required"],
    { meaning: "interaction_required" },
  ],
  [["invalid_grant"], { meaning: "grant_refused" }],
  [["invalid_client", "unauthorized_client"], { meaning: "client_rejected" }],
  [
    ["temporarily_unavailable", "server_error"],
    { meaning: "identity_provider_unavailable" },
  ],
];

// Without interaction, a refused refresh token and a missing session at the identity provider both require a sign-in.
const codesByOperation = {
  authorize: {
    grant_refused: "authorization_failed",
    login_required: "login_required",
  },
  exchange_code: {
    grant_refused: "code_rejected",
    login_required: "interaction_required",
  },
  acquire_token: {
    grant_refused: "interaction_required",
    login_required: "interaction_required",
  },
} as const satisfies Record<
  ProviderOperation,
  Record<"grant_refused" | "login_required", Code>
>;

// Entra stops a client that repeats a request within five minutes.
const loopSeconds = 300;
const challengeableCodes: ReadonlySet<Code> = new Set([
  "interaction_required",
  "consent_required",
]);

/**
 * Translates an error of the identity provider. `suberror` takes precedence, then the AADSTS number, then `error`,
 * because Entra sends `invalid_grant` for many different causes.
 */
export function createProviderFailure(
  operation: ProviderOperation,
  provider: ProviderError,
  { claims, cause }: ProviderFailureOptions = {},
): AuthError {
  const { meaning, message } = findRule(provider);
  const code = toCode(operation, meaning);
  return new AuthError(code, message ?? defaultMessages[code], {
    provider,
    cause,
    claims: challengeableCodes.has(code) ? claims : undefined,
    retryAfterSeconds: code === "rate_limited" ? loopSeconds : undefined,
  });
}

function findRule({ error, suberror, aadsts }: ProviderError): Rule {
  const decisive = findIn(decisiveNumbers, aadsts);
  if (decisive !== undefined) return decisive;

  const refined = findIn(suberrors, suberror);
  const numbered = findIn(numbers, aadsts);
  if (refined !== undefined && refined.meaning !== numbered?.meaning)
    return refined;
  return (
    numbered ?? findIn(errors, error) ?? { meaning: "authorization_failed" }
  );
}

function findIn(table: Table, name: string | undefined): Rule | undefined {
  return table.find(([names]) => names.includes(name))?.[1];
}

function toCode(operation: ProviderOperation, meaning: Meaning): Code {
  return meaning === "grant_refused" || meaning === "login_required"
    ? codesByOperation[operation][meaning]
    : meaning;
}
