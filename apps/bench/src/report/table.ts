import type { Series } from "../figures/series.js";
import { compareWithBase } from "./statistics.js";

/** Returns a table of a series for the terminal. */
export function formatTable(series: Series): string {
  const rows = compareWithBase(series).map((row) => [
    row.name,
    `${formatNumber(row.value)} ${series.unit}`,
    row.ratio.toFixed(2),
    row.quartiles.map((value) => value.toFixed(2)).join(" to "),
  ]);
  const header = ["", "median", `ratio to ${series.base}`, "quartiles"];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = [header, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column === 0
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
  return `${series.title}\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

/** Returns a number with three digits, or without decimals from 100 on. */
export function formatNumber(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}
