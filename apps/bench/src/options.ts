import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { engines } from "./database/databases.js";
import type { Engine } from "./database/databases.js";
import { figureNames } from "./figures/figure.js";
import type { FigureName } from "./figures/figure.js";
import { usualUncertainty } from "./report/noise.js";

/** What the command line asks for. */
export interface Options {
  /** The names of the contestants, or `undefined` for all. */
  readonly only: readonly string[] | undefined;
  readonly figures: readonly FigureName[];
  readonly rounds: number;
  /** The longest time of a window, which ends earlier after its number of calls. */
  readonly windowMilliseconds: number;
  readonly signIns: number;
  readonly idleMilliseconds: number;
  readonly engines: readonly Engine[];
  readonly sessions: number;
  readonly expiredRows: number;
  /** The largest permitted uncertainty of a ratio, as a share of it. */
  readonly maximumUncertainty: number;
  /** Entrada's built server. */
  readonly server: string;
  readonly compare: string | undefined;
  /** The executable of Node for the servers. */
  readonly node: string | undefined;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
  /** The contestant to profile instead of comparing. */
  readonly profile: string | undefined;
}

const builtServer = fileURLToPath(
  new URL("../../server/dist/main.js", import.meta.url),
);
const text = { type: "string" } as const;

/** Parses the command line. @throws {Error} for an unknown option or value. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    // pnpm passes on the dashes that end its own options.
    args: args.filter((argument) => argument !== "--"),
    options: {
      only: text,
      figures: text,
      rounds: { ...text, default: "11" },
      window: { ...text, default: "2000" },
      "sign-ins": { ...text, default: "10000" },
      idle: { ...text, default: "60" },
      engines: { ...text, default: "sqlite" },
      sessions: { ...text, default: "1000000" },
      expired: { ...text, default: "100000" },
      uncertainty: { ...text, default: String(usualUncertainty) },
      server: { ...text, default: builtServer },
      compare: text,
      node: text,
      json: text,
      markdown: text,
      profile: text,
    },
  });
  return {
    only: split(values.only),
    figures: choose(
      "figures",
      figureNames,
      // A profile of everything would show nothing.
      values.figures ?? (values.profile === undefined ? undefined : "sign-in"),
    ),
    rounds: parseNumber("rounds", values.rounds),
    windowMilliseconds: parseNumber("window", values.window),
    signIns: parseNumber("sign-ins", values["sign-ins"]),
    idleMilliseconds: parseNumber("idle", values.idle) * 1000,
    engines: choose("engines", engines, values.engines),
    sessions: parseNumber("sessions", values.sessions),
    expiredRows: parseNumber("expired", values.expired),
    maximumUncertainty: parseNumber("uncertainty", values.uncertainty),
    server: resolvePath(values.server),
    compare: resolvePath(values.compare),
    node: resolvePath(values.node),
    json: resolvePath(values.json),
    markdown: resolvePath(values.markdown),
    profile: values.profile,
  };
}

/** Resolves a path against the folder in which pnpm was called. */
function resolvePath<Path extends string | undefined>(
  path: Path,
): Path | string {
  return path === undefined
    ? path
    : resolve(process.env["INIT_CWD"] ?? "", path);
}

function split(list: string | undefined): readonly string[] | undefined {
  return list?.split(",").map((name) => name.trim());
}

/** Returns the listed names in the order of all names; without a list, all of them. */
function choose<Name extends string>(
  option: string,
  all: readonly Name[],
  list: string | undefined,
): readonly Name[] {
  const names = split(list);
  if (names === undefined) return all;
  const unknown = names.find((name) => !all.some((own) => own === name));
  if (unknown === undefined) return all.filter((name) => names.includes(name));
  throw new Error(
    `--${option} has no ${unknown}. Choose from ${all.join(", ")}.`,
  );
}

function parseNumber(name: string, value: string): number {
  const number = Number(value);
  if (value !== "" && Number.isFinite(number) && number >= 0) return number;
  throw new Error(`--${name} must be a number.`);
}
