import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";
import {
  builtInApps,
  builtInPeople,
  builtInTenants,
} from "./directory/built-in-directory.js";
import type { DirectoryContent } from "./directory/directory.js";
import {
  appSchema,
  personSchema,
  tenantSchema,
} from "./directory/directory-schema.js";

/** The default port of the command-line program. */
export const DEFAULT_PORT = 5180;

/** A parsed command line. */
export type CliOptions =
  | { readonly action: "help" }
  | {
      readonly action: "start";
      readonly port: number;
      readonly host: string;
      readonly directory: DirectoryContent;
    };

const configSchema = z.strictObject({
  $schema: z.string().optional(),
  tenants: z.array(tenantSchema).default([]),
  people: z.array(personSchema).default([]),
  apps: z.array(appSchema).default([]),
});

/**
 * Parses the command line. The environment variable `PORT` is not read, because it is the port of the app's own server.
 *
 * @throws {Error} with a message for the person at the terminal.
 */
export function parseCliOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): CliOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string" },
      host: { type: "string", default: "localhost" },
      config: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return { action: "help" };
  return {
    action: "start",
    port: parsePort(values.port ?? readPort(environment)),
    host: values.host,
    directory: readDirectory(values.config),
  };
}

/** For a service named `entra-emulator`, Kubernetes sets the variable to a URL such as `tcp://10.0.0.1:5180`. */
function readPort({
  ENTRA_EMULATOR_PORT: text,
}: Readonly<Record<string, string | undefined>>): string | undefined {
  return text?.startsWith("tcp://") ? undefined : text;
}

function parsePort(text: string | undefined): number {
  if (text === undefined || text === "") return DEFAULT_PORT;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`The port must be a number from 0 to 65535, not "${text}".`);
}

// The file adds entries to the built-in directory; an entry with a built-in ID replaces that one.
function readDirectory(path: string | undefined): DirectoryContent {
  const config =
    path === undefined ? configSchema.parse({}) : parseConfig(path);
  return {
    tenants: merge(
      [...Object.values(builtInTenants), ...config.tenants],
      (tenant) => tenant.tenantId,
    ),
    people: merge(
      [...Object.values(builtInPeople), ...config.people],
      (person) => person.upn.toLowerCase(),
    ),
    apps: merge([...builtInApps, ...config.apps], (app) =>
      app.clientId.toLowerCase(),
    ),
  };
}

function parseConfig(path: string): z.infer<typeof configSchema> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(
      `Cannot read ${path}: ${error instanceof Error ? error.message : "unknown error"}`,
      { cause: error },
    );
  }
  const parsed = configSchema.safeParse(value);
  if (!parsed.success)
    throw new Error(
      `${path} is not a valid configuration:\n${z.prettifyError(parsed.error)}`,
    );
  return parsed.data;
}

function merge<T>(
  entries: readonly T[],
  keyOf: (entry: T) => string,
): readonly T[] {
  return [...new Map(entries.map((entry) => [keyOf(entry), entry])).values()];
}
