import { TRPCError } from "@trpc/server";
import type { PlainRequest } from "./plain-request.js";
import type { TrpcHost } from "./trpc-host.js";

/** Reads the inputs of the calls of one request. */
export interface InputReader {
  /** Parses the inputs when it is first called. @throws {TRPCError} `BAD_REQUEST` if they cannot be parsed. */
  readonly read: (index: number) => unknown;
  /** Returns an input that was read before. */
  readonly result: (index: number) => unknown;
}

type Inputs = ReadonlyMap<number, unknown>;

/** Creates the reader of a request's inputs. A procedure without an input parser does not read them. */
export function createInputReader({
  host: { config },
  request,
  body,
}: {
  readonly host: Pick<TrpcHost<unknown>, "config">;
  readonly request: PlainRequest;
  readonly body: string;
}): InputReader {
  let inputs: Inputs | undefined;
  let failure: TRPCError | undefined;
  const text = request.type === "query" ? request.input : body;

  return {
    read: (index) => {
      if (failure !== undefined) throw failure;
      try {
        inputs ??= parseInputs(config, request, text);
      } catch (cause) {
        failure = toBadRequest(cause);
        throw failure;
      }
      return inputs.get(index);
    },
    result: (index) => inputs?.get(index),
  };
}

/** `text` is the body of a POST, which must not be empty, or the `input` of a GET, which may be absent. */
function parseInputs(
  { transformer }: TrpcHost<unknown>["config"],
  { type, isBatch, procedures }: PlainRequest,
  text: string | null,
): Inputs {
  const isAbsent = type === "query" && (text === null || text === "");
  if (isAbsent) return new Map();
  const parsed: unknown = JSON.parse(text ?? "");
  if (!isBatch) return new Map([[0, transformer.input.deserialize(parsed)]]);
  if (!isRecord(parsed))
    throw new TRPCError({
      code: "BAD_REQUEST",
      message: '"input" needs to be an object when doing a batch call',
    });
  const inputs = new Map<number, unknown>();
  for (const index of procedures.keys()) {
    const input = parsed[index];
    if (input !== undefined)
      inputs.set(index, transformer.input.deserialize(input));
  }
  return inputs;
}

function isRecord(value: unknown): value is Readonly<Record<number, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toBadRequest(cause: unknown): TRPCError {
  if (cause instanceof TRPCError) return cause;
  return new TRPCError({
    code: "BAD_REQUEST",
    message: cause instanceof Error ? cause.message : "Invalid input",
    cause,
  });
}
