// Prepares the package in the current folder for `npm pack` and `pnpm pack` (`before`), and undoes that (`after`). npm packs
// package.json as it is: it applies no `publishConfig.exports`, and knows no `catalog:` and `workspace:`, which only the
// development dependencies use.
import { execSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";

const manifest = "package.json";
const kept = "node_modules/.package.json";

undo();
if (process.argv[2] === "before") prepare();

/** Also undoes what a pack that failed has left. */
function undo() {
  if (existsSync(kept)) renameSync(kept, manifest);
  rmSync("LICENSE", { force: true });
}

function prepare() {
  // The compiler leaves the files of modules that no longer exist.
  rmSync("dist", { recursive: true, force: true });
  execSync("npm run build", { stdio: ["ignore", 2, 2] });
  copyFileSync("../../LICENSE", "LICENSE");
  copyFileSync(manifest, kept);
  const { publishConfig, ...rest } = JSON.parse(readFileSync(manifest, "utf8"));
  const { exports, ...settings } = publishConfig;
  const published = { ...rest, exports, publishConfig: settings };
  delete published.devDependencies;
  delete published.scripts;
  writeFileSync(manifest, `${JSON.stringify(published, undefined, 2)}\n`);
}
