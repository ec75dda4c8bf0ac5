import type { Series } from "../figures/series.js";
import { compareWithBase } from "./statistics.js";
import type { Row } from "./statistics.js";

/** Returns a table of a series for the terminal. */
export function formatTable(series: Series): string {
  const { title, unit, base } = series;
  const hasRatios = base !== undefined;
  const header = ["", "median"];
  if (hasRatios) header.push(`ratio to ${base}`, "quartiles", "uncertain by");
  const rows = compareWithBase(series).map((row) => formatRow(row, unit));
  const lines = align([header, ...rows]).map((cells) => cells.join("  "));
  return `${title}\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

function formatRow({ name, value, comparison }: Row, unit: string) {
  const cells = [name, `${formatNumber(value)} ${unit}`.trim()];
  if (comparison === undefined) return cells;
  const { ratio, quartiles, uncertainty } = comparison;
  return [
    ...cells,
    ratio.toFixed(2),
    quartiles.map((quartile) => quartile.toFixed(2)).join(" to "),
    Number.isFinite(uncertainty) ? `${(uncertainty * 100).toFixed(0)} %` : "?",
  ];
}

/** Pads the cells of each column to the same length; the first column is left-aligned. */
export function align(
  rows: readonly (readonly string[])[],
): readonly (readonly string[])[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    widths.map((width, column) => {
      const cell = row[column] ?? "";
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    }),
  );
}

/** Returns a number with three digits, or without decimals from 100 on. */
export function formatNumber(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}
