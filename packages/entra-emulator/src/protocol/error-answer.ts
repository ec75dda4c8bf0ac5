import { randomUUID } from "node:crypto";
import type { EmulatorState } from "../state/emulator-state.js";
import type { AadstsError } from "./aadsts.js";

/** An error with the identifiers of its request. */
export interface ErrorAnswer {
  readonly code: number;
  readonly error: string;
  readonly suberror: string | undefined;
  readonly claims: string | undefined;
  /** The message without identifiers. */
  readonly text: string;
  readonly traceId: string;
  readonly correlationId: string;
  /** Such as `2026-01-02 03:04:05Z`. */
  readonly timestamp: string;
  readonly errorUri: string;
}

/** Identifiers of one request. */
export interface RequestIds {
  /** Sent as `x-ms-request-id`. */
  readonly traceId: string;
  readonly correlationId: string;
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Creates the identifiers of a request; the client may choose the correlation ID. */
export function createRequestIds(
  clientRequestId: string | undefined,
): RequestIds {
  const isGuid = clientRequestId !== undefined && GUID.test(clientRequestId);
  return {
    traceId: randomUUID(),
    correlationId: isGuid ? clientRequestId : randomUUID(),
  };
}

/** Adds the identifiers of the request to an error. */
export function createErrorAnswer(
  state: EmulatorState,
  ids: RequestIds,
  error: AadstsError,
): ErrorAnswer {
  return {
    ...ids,
    code: error.code,
    error: error.error,
    suberror: error.suberror,
    claims: error.claims,
    text: error.message,
    timestamp: `${state.clock.now().toISOString().slice(0, 19).replace("T", " ")}Z`,
    errorUri: `${state.origin}/error?code=${error.code}`,
  };
}

/** Formats the description; its parts are separated by CRLF in redirects and by spaces in JSON. */
export function formatDescription(
  answer: ErrorAnswer,
  separator: "\r\n" | " ",
): string {
  return [
    answer.text,
    `Trace ID: ${answer.traceId}`,
    `Correlation ID: ${answer.correlationId}`,
    `Timestamp: ${answer.timestamp}`,
  ].join(separator);
}

/** Returns the JSON body of the error. */
export function toErrorBody(
  answer: ErrorAnswer,
): Readonly<Record<string, unknown>> {
  return {
    error: answer.error,
    error_description: formatDescription(answer, " "),
    error_codes: [answer.code],
    timestamp: answer.timestamp,
    trace_id: answer.traceId,
    correlation_id: answer.correlationId,
    error_uri: answer.errorUri,
    ...(answer.suberror === undefined ? {} : { suberror: answer.suberror }),
    ...(answer.claims === undefined ? {} : { claims: answer.claims }),
  };
}
