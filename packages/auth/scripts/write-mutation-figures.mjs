// Writes the figures of the last mutation run into MUTATION.md, and every mutant that lives beside the reason why. The
// reasons are written by hand: a survivor without one ends this script as failed.
import { readFileSync, writeFileSync } from "node:fs";

const target = new URL("../MUTATION.md", import.meta.url);
const report = new URL("../reports/mutation.json", import.meta.url);

const files = Object.entries(
  JSON.parse(readFileSync(report, "utf8")).files,
).toSorted(([one], [other]) => (one < other ? -1 : 1));
const document = readFileSync(target, "utf8");
const reasons = readReasons(document);
const survivors = files.flatMap(listSurvivors);

writeFileSync(
  target,
  replaceSection(
    replaceSection(document, "figures", formatFigures()),
    "survivors",
    formatSurvivors(),
  ),
);

const unexplained = survivors.filter((survivor) => !reasons.has(survivor));
if (unexplained.length > 0) {
  console.error("MUTATION.md gives no reason for these survivors:");
  for (const survivor of unexplained) console.error(`| ${survivor} |`);
  process.exitCode = 1;
}

function replaceSection(text, name, content) {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest = ""] = text.split(begin);
  const [, after] = rest.split(end);
  if (after === undefined) throw new Error(`MUTATION.md has no ${begin}.`);
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
}

/** The cells of a survivor's row but the last, and the last. */
function readReasons(text) {
  const [, section = ""] = text.split(/<!-- \/?survivors -->/);
  const rows = section
    .split("\n")
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .map(([, file, line, change, reason]) => [file, line, change, reason]);
  return new Map(
    rows
      .filter(([, , , reason]) => reason)
      .map(([file, line, change, reason]) => [
        `${file} | ${line} | ${change}`,
        reason,
      ]),
  );
}

function formatFigures() {
  const rows = files
    .map(([path, { mutants }]) => [nameFile(path), count(mutants)])
    .filter(([, figures]) => figures.valid > 0);
  const total = count(files.flatMap(([, { mutants }]) => mutants));
  return [
    `Run on ${new Date().toISOString().slice(0, 10)}; ${total.ignored} texts of errors were left out.`,
    "",
    "| File | Killed | Timed out | Survived | Not covered | Score |",
    "| --- | --: | --: | --: | --: | --: |",
    ...[...rows, ["**Total**", total]].map(formatRow),
  ].join("\n");
}

function formatRow([name, figures]) {
  const { killed, timedOut, survived, notCovered, valid } = figures;
  const score = ((100 * (killed + timedOut)) / valid).toFixed(1);
  return `| ${name} | ${killed} | ${timedOut} | ${survived} | ${notCovered} | ${score} % |`;
}

function count(mutants) {
  const of = (wanted) =>
    mutants.filter(({ status }) => status === wanted).length;
  const figures = {
    killed: of("Killed"),
    timedOut: of("Timeout"),
    survived: of("Survived"),
    notCovered: of("NoCoverage"),
  };
  const valid = Object.values(figures).reduce((sum, part) => sum + part);
  return { ...figures, valid, ignored: of("Ignored") };
}

function formatSurvivors() {
  return [
    "| File | Line | Change | Why it lives |",
    "| --- | --- | --- | --- |",
    ...new Set(
      survivors.map(
        (survivor) => `| ${survivor} | ${reasons.get(survivor) ?? ""} |`,
      ),
    ),
  ].join("\n");
}

function listSurvivors([path, { source, mutants }]) {
  const lines = source.split("\n");
  return mutants
    .filter(({ status }) => status === "Survived" || status === "NoCoverage")
    .map(({ location: { start, end }, replacement }) => {
      const first = lines[start.line - 1];
      const part =
        start.line === end.line
          ? first.slice(start.column - 1, end.column - 1)
          : `${first.slice(start.column - 1)} …`;
      return `${nameFile(path)} | ${formatCode(first)} | ${formatCode(part)} → ${formatCode(replacement)}`;
    });
}

function nameFile(path) {
  return `\`${path.replace(/^.*\/core\//, "")}\``;
}

/** One line of code as a table takes it. */
function formatCode(code) {
  const line = code.trim().replaceAll(/\s+/g, " ").replaceAll("|", "\\|");
  const runs = new Set(line.match(/`+/g));
  const fence = ["`", "``", "```"].find((candidate) => !runs.has(candidate));
  const gap = /^`|`$/.test(line) ? " " : "";
  return `${fence}${gap}${line}${gap}${fence}`;
}
