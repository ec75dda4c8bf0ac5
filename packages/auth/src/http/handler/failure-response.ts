import { toFailure } from "../../core/error.js";
import { createFailurePage } from "./auth-page.js";
import type { FailedNavigation } from "./auth-page.js";
import {
  createErrorResponse,
  setRetryAfter,
  toStatus,
} from "../error-response.js";
import { createPageHeaders } from "../security-headers.js";
import type { SecuritySettings } from "../security-headers.js";

/**
 * Renders the page of a failed sign-in or sign-out. The handler adds `no-store` and the missing headers of
 * `createPageHeaders`, and replaces a success status by the failure's status.
 */
export type RenderError = (
  failure: FailedNavigation,
) => Response | Promise<Response>;

/** A failure and the settings of its response. */
export interface FailureRequest {
  readonly error: unknown;
  readonly status?: number | undefined;
  readonly tryAgainUrl: string | undefined;
  readonly startPage: string;
  readonly settings: SecuritySettings;
  readonly renderError: RenderError | undefined;
  readonly isNavigation: boolean;
}

/** Returns the failure as a page for a navigation, rendered by the app if possible, and as JSON for other requests. */
export async function createFailureResponse({
  renderError,
  settings,
  isNavigation,
  ...request
}: FailureRequest): Promise<Response> {
  const error = toFailure(request.error);
  const failure = {
    error,
    status: request.status ?? toStatus(error.code),
    tryAgainUrl: request.tryAgainUrl,
    startPage: request.startPage,
  };
  if (!isNavigation) return createErrorResponse(error, failure.status);
  const rendered = await render(renderError, failure, settings);
  const response = rendered ?? createFailurePage(failure, new Headers());
  setRetryAfter(response.headers, error);
  return response;
}

/** Returns the page that the app renders; `undefined` if it renders nothing or throws, for the default page. */
async function render(
  renderError: RenderError | undefined,
  failure: FailedNavigation,
  settings: SecuritySettings,
): Promise<Response | undefined> {
  try {
    const rendered = await renderError?.(failure);
    if (rendered === undefined) return undefined;
    const { body, ok, status } = rendered;
    // A copy, because the headers of `Response.redirect` are immutable.
    const headers = new Headers(rendered.headers);
    for (const [name, value] of Object.entries(createPageHeaders({ settings })))
      if (!headers.has(name)) headers.set(name, value);
    headers.set("cache-control", "no-store");
    return new Response(body, {
      status: ok ? failure.status : status,
      headers,
    });
  } catch {
    return undefined;
  }
}
