import { readFile, writeFile } from "node:fs/promises";
import type { Contestant } from "../contestants/contestant.js";
import type { Series } from "../figures/series.js";
import { describePackage } from "./environment.js";
import { findNoise, usualUncertainty } from "./noise.js";
import type { Result } from "./result.js";
import { compareWithBase } from "./statistics.js";
import type { Row } from "./statistics.js";
import { align, formatNumber, formatQuartiles } from "./table.js";

const begin = "<!-- The command writes what follows. -->";
const end = "<!-- The command writes what precedes. -->";

/** Replaces the part of the document between the two comments by the result. */
export async function writeMarkdown(
  path: string,
  result: Result,
): Promise<void> {
  const document = await readFile(path, "utf8");
  const [before, rest] = document.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${path} does not contain the comment: ${begin}`);
  const content = formatResult(result);
  await writeFile(path, `${before}${begin}\n\n${content}\n\n${end}${after}`);
}

function formatResult(result: Result): string {
  const { environment, rounds, contestants, series } = result;
  const { date, machine, node, load } = environment;
  return [
    `Measured on ${date}: ${machine}, Node ${node}, ${rounds} rounds. The load average was ${load.join(" before and ")} after the run.`,
    ...formatNoise(series),
    "### Ratios to `bare`",
    formatContestants(contestants, series),
    "### Values",
    ...series.map((one) => `${one.title}:\n\n${formatSeries(one)}`),
    "### What the contestants do",
    formatWork(contestants),
  ].join("\n\n");
}

/** Names the ratios that were accepted although they are uncertain. */
function formatNoise(series: readonly Series[]): readonly string[] {
  const noise = series.flatMap((one) => findNoise(one, usualUncertainty));
  if (noise.length === 0) return [];
  const list = noise.map((sentence) => `- ${sentence}`).join("\n");
  return [
    `The machine was busy, and the run was accepted nevertheless:\n\n${list}`,
  ];
}

/** One row for each figure, and one column for each contestant. */
function formatContestants(
  contestants: readonly Contestant[],
  series: readonly Series[],
): string {
  const names = contestants.map(({ name }) => name);
  const rows = series
    .filter(({ base }) => base === "bare")
    .map((one) => {
      const rows = compareWithBase(one);
      const ratioOf = (name: string) =>
        rows.find((row) => row.name === name)?.comparison?.ratio.toFixed(2) ??
        "";
      return [one.title, ...names.map(ratioOf)];
    });
  return formatMarkdownTable([["", ...names], ...rows]);
}

function formatSeries({ unit, base, ...rest }: Series): string {
  const rows = compareWithBase({ unit, base, ...rest });
  const header = ["", "median"];
  if (base !== undefined) header.push(`ratio to ${base}`, "quartiles");
  return formatMarkdownTable([
    header,
    ...rows.map((row) => formatRow(row, unit)),
  ]);
}

function formatRow({ name, value, comparison }: Row, unit: string) {
  const cells = [name, `${formatNumber(value)} ${unit}`.trim()];
  if (comparison === undefined) return cells;
  return [...cells, comparison.ratio.toFixed(2), formatQuartiles(comparison)];
}

function formatWork(contestants: readonly Contestant[]): string {
  return contestants
    .map(({ name, description, packages, work }) => {
      const versions = packages.map(describePackage).join(", ");
      const what =
        versions === "" ? description : `${description} (${versions})`;
      return `- \`${name}\`: ${what}. ${work}`;
    })
    .join("\n");
}

function formatMarkdownTable(rows: readonly (readonly string[])[]): string {
  const [header = [], ...body] = align(rows);
  const rule = header.map((cell, column) => {
    const width = Math.max(cell.length, 3);
    return column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`;
  });
  return [header, rule, ...body]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
