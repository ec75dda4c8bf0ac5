import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { figureNames } from "./figures/figure.js";
import type { FigureName } from "./figures/figure.js";

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
  readonly sessions: number;
  readonly expiredRows: number;
  /** The largest permitted distance of the quartiles, as a share of the ratio. */
  readonly spread: number;
  /** Entrada's built server. */
  readonly server: string;
  readonly compare: string | undefined;
  /** The executable of Node for the servers. */
  readonly node: string | undefined;
  readonly json: string | undefined;
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
      sessions: { ...text, default: "1000000" },
      expired: { ...text, default: "100000" },
      spread: { ...text, default: "0.25" },
      server: { ...text, default: builtServer },
      compare: text,
      node: text,
      json: text,
    },
  });
  return {
    only: split(values.only),
    figures: parseFigures(values.figures),
    rounds: parseNumber("rounds", values.rounds),
    windowMilliseconds: parseNumber("window", values.window),
    signIns: parseNumber("sign-ins", values["sign-ins"]),
    idleMilliseconds: parseNumber("idle", values.idle) * 1000,
    sessions: parseNumber("sessions", values.sessions),
    expiredRows: parseNumber("expired", values.expired),
    spread: parseNumber("spread", values.spread),
    server: resolve(values.server),
    compare: values.compare === undefined ? undefined : resolve(values.compare),
    node: values.node,
    json: values.json,
  };
}

function split(list: string | undefined): readonly string[] | undefined {
  return list?.split(",").map((name) => name.trim());
}

function parseFigures(list: string | undefined): readonly FigureName[] {
  const names = split(list);
  if (names === undefined) return figureNames;
  const unknown = names.find(
    (name) => !figureNames.some((own) => own === name),
  );
  if (unknown !== undefined)
    throw new Error(
      `--figures has no ${unknown}. Choose from ${figureNames.join(", ")}.`,
    );
  return figureNames.filter((name) => names.includes(name));
}

function parseNumber(name: string, value: string): number {
  const number = Number(value);
  if (value !== "" && Number.isFinite(number) && number >= 0) return number;
  throw new Error(`--${name} must be a number.`);
}
