import { existsSync } from "node:fs";
import { EnvironmentError } from "@entrada/auth/environment";
import type { Environment } from "@entrada/auth/environment";

/** What the server reads from its environment besides what the sign-in layer reads. */
export interface Config {
  readonly port: number;
  readonly host: string;
  readonly logLevel: string;
  /** How long to serve requests after SIGTERM, until a load balancer has noticed. */
  readonly stopDelaySeconds: number;
}

/** Every variable that the server reads itself. */
export const serverVariables = [
  "PORT",
  "HOST",
  "LOG_LEVEL",
  "STOP_DELAY_SECONDS",
] as const;

type Variable = (typeof serverVariables)[number];

const logLevels = [
  "fatal",
  "error",
  "warn",
  "info",
  "debug",
  "trace",
  "silent",
];
const environmentFile = ".env";

/** Parses the server's variables. Each finding names a variable that is malformed, and the remedy. */
export function parseConfig(environment: Environment): {
  readonly config: Config;
  readonly findings: readonly string[];
} {
  const findings: string[] = [];
  const read = (name: Variable) => {
    const text = environment[name] ?? "";
    return text.trim() === "" ? undefined : text;
  };
  const readNumber = (name: Variable, most: number, fallback: number) => {
    const text = read(name) ?? String(fallback);
    if (!/^\d+$/.test(text) || Number(text) > most)
      findings.push(`${name} must be a whole number from 0 to ${most}`);
    return Number(text);
  };
  const logLevel = read("LOG_LEVEL") ?? "info";
  const isLevel = logLevels.includes(logLevel);
  if (!isLevel)
    findings.push(`LOG_LEVEL must be one of ${logLevels.join(", ")}`);
  const config = {
    port: readNumber("PORT", 65_535, 3000),
    host: read("HOST") ?? "localhost",
    logLevel: isLevel ? logLevel : "info",
    stopDelaySeconds: readNumber("STOP_DELAY_SECONDS", 300, 0),
  };
  return { config, findings };
}

/**
 * Reads the environment of this process, and `.env` in the working directory if it exists.
 *
 * @throws {EnvironmentError} if `.env` cannot be read.
 */
export function readEnvironment(): Environment {
  if (existsSync(environmentFile)) {
    try {
      process.loadEnvFile(environmentFile);
    } catch {
      throw new EnvironmentError([
        `${environmentFile} exists and cannot be read`,
      ]);
    }
  }
  return process.env;
}
