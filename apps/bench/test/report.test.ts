import { describe, expect, it } from "vitest";
import { createCollector } from "../src/figures/series.js";
import { parseOptions } from "../src/options.js";
import { findNoise } from "../src/report/noise.js";
import { compareWithBase } from "../src/report/statistics.js";
import { formatTable } from "../src/report/table.js";

function createSeries(bare: readonly number[], entrada: readonly number[]) {
  const collector = createCollector({
    title: "sign-in",
    unit: "ms",
    isDecisive: true,
  });
  bare.forEach((value) => collector.add("bare", value));
  entrada.forEach((value) => collector.add("entrada", value));
  return collector.toSeries();
}

describe("compareWithBase", () => {
  it("divides by the base of the same round, and then takes the median", () => {
    const series = createSeries([1, 2, 10, 2, 1], [3, 6, 30, 8, 2]);

    const [, entrada] = compareWithBase(series);

    expect(entrada).toMatchObject({
      name: "entrada",
      value: 6,
      comparison: { ratio: 3, quartiles: [3, 3], uncertainty: 0 },
    });
  });

  it("compares nothing where a figure has no base", () => {
    const collector = createCollector({
      title: "housekeeping",
      unit: "ms",
      base: undefined,
    });
    collector.add("entrada", 4);

    expect(compareWithBase(collector.toSeries())).toEqual([
      { name: "entrada", value: 4, comparison: undefined },
    ]);
  });
});

describe("findNoise", () => {
  it("accepts ratios that vary little", () => {
    const series = createSeries([1, 1, 1, 1, 1], [3, 3.1, 2.9, 3, 3]);

    expect(findNoise(series, 0.1)).toEqual([]);
  });

  it("refuses a ratio that may differ too much from the true median", () => {
    const series = createSeries([1, 1, 1, 1, 1], [2, 4, 3, 2, 4]);

    expect(findNoise(series, 0.1)).toEqual([
      "sign-in: the ratio of entrada is uncertain by 47 %, more than 10 %.",
    ]);
  });

  it("refuses fewer than five rounds", () => {
    const series = createSeries([1, 1, 1, 1], [3, 3, 3, 3]);

    expect(findNoise(series, 0.1)).toContain(
      "sign-in: the ratio of entrada needs at least five rounds.",
    );
  });
});

describe("formatTable", () => {
  it("shows median, ratio, quartiles and uncertainty", () => {
    const series = createSeries([1, 1, 1, 1, 1], [3, 3, 3, 3, 3]);

    expect(formatTable(series)).toBe(
      [
        "sign-in",
        "            median  ratio to bare     quartiles  uncertain by",
        "  bare     1.00 ms           1.00  1.00 to 1.00           0 %",
        "  entrada  3.00 ms           3.00  3.00 to 3.00           0 %",
        "",
      ].join("\n"),
    );
  });
});

describe("parseOptions", () => {
  it("measures everything by default, and sign-ins for a profile", () => {
    expect(parseOptions([]).figures).toContain("housekeeping");
    expect(parseOptions(["--profile", "entrada"]).figures).toEqual(["sign-in"]);
  });

  it.each([
    [["--figures", "speed"], "--figures has no speed."],
    [["--rounds", "many"], "--rounds must be a number."],
    [["--round", "1"], "Unknown option '--round'"],
  ])("refuses %j", (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
