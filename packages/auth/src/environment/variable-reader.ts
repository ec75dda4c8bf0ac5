/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reports missing or malformed environment variables. Each finding names the variable and its remedy. */
export class EnvironmentError extends Error {
  readonly findings: readonly string[];

  constructor(findings: readonly string[], options?: ErrorOptions) {
    super(
      [
        "Correct these environment variables:",
        ...findings.map((finding) => `  - ${finding}`),
      ].join("\n"),
      options,
    );
    this.name = "EnvironmentError";
    this.findings = findings;
  }
}

type Parse<Value> = (text: string) => Value;

/** Reads variables and collects their mistakes. */
export interface VariableReader {
  readonly environment: Environment;
  readonly findings: readonly string[];
  has(name: string): boolean;
  add(...findings: readonly string[]): void;
  /** Returns the variable's value; `undefined` if it is absent or malformed. */
  read<Value>(name: string, parse: Parse<Value>): Value | undefined;
  /** As `read`, and adds a finding if the variable is absent. */
  require<Value>(
    name: string,
    parse: Parse<Value>,
    remedy: string,
  ): Value | undefined;
}

/** Creates a reader. An empty variable counts as absent, because shells and compose files unset variables this way. */
export function createVariableReader(environment: Environment): VariableReader {
  const findings: string[] = [];
  const find = (name: string) => {
    const text = environment[name];
    return text?.trim() === "" ? undefined : text;
  };
  const read = <Value>(name: string, parse: Parse<Value>) => {
    const text = find(name);
    if (text === undefined) return undefined;
    try {
      return parse(text);
    } catch (error) {
      findings.push(`${name} ${toMessage(error)}`);
      return undefined;
    }
  };
  return {
    environment,
    findings,
    has: (name) => find(name) !== undefined,
    add: (...added) => void findings.push(...added),
    read,
    require: (name, parse, remedy) => {
      if (find(name) === undefined) findings.push(`${name} ${remedy}`);
      return read(name, parse);
    },
  };
}

export function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : "cannot be read";
}
