// Builds dist/main.js, a bundle in parts that runs without node_modules except better-sqlite3, with the backup command,
// and dist/web, the compressed web app.
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build, transform } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const target = "node20";
const compressible = new Set([
  ".js",
  ".css",
  ".svg",
  ".json",
  ".txt",
  ".webmanifest",
]);

await rm(dist, { recursive: true, force: true });
await mkdir(dist);
const { outputFiles, metafile } = await build({
  entryPoints: {
    main: join(root, "src/start.ts"),
    backup: join(root, "src/backup.ts"),
  },
  outdir: dist,
  write: false,
  metafile: true,
  bundle: true,
  // Parts that are imported when they are needed: MSAL, undici, the database in use, the HTTP server.
  splitting: true,
  chunkNames: "parts/[name]-[hash]",
  platform: "node",
  target,
  format: "esm",
  // The native package cannot be bundled. The other two are optional imports of pg that are not used.
  external: ["better-sqlite3", "pg-native", "cloudflare:sockets"],
  define: { "import.meta.url": "importMetaUrl" },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "warning",
});
await mkdir(join(dist, "parts"));
for (const { path, text } of outputFiles)
  await writeFile(path, await toCommonJs(path, text));
await writeFile(join(dist, "package.json"), '{ "type": "commonjs" }\n');

const require = createRequire(import.meta.url);
const web = join(dirname(require.resolve("@entrada/web/package.json")), "dist");
await cp(web, join(dist, "web"), {
  recursive: true,
  filter: (path) => !path.endsWith(".map"),
});
for (const entry of await readdir(join(dist, "web"), {
  recursive: true,
  withFileTypes: true,
})) {
  if (entry.isFile() && compressible.has(extname(entry.name)))
    await compress(join(entry.parentPath, entry.name));
}

/**
 * Converts a part, because esbuild splits ES modules only. CommonJS starts faster: for an ES module Node collects all
 * exports of its built-in modules.
 */
async function toCommonJs(path, text) {
  const bundle = JSON.stringify(relative(dirname(path), join(dist, "main.js")));
  const { code } = await transform(text, {
    format: "cjs",
    platform: "node",
    target,
    supported: { "dynamic-import": false },
    minifySyntax: true,
    minifyWhitespace: true,
    // esbuild gives a CommonJS package that is imported by `import()` a default export only.
    footer: isCommonJsPackage(path)
      ? "module.exports = module.exports.default;"
      : "",
    // Every part has the address of the bundle, whose neighbours are found by it.
    banner: text.includes("importMetaUrl")
      ? `const importMetaUrl = require("node:url").pathToFileURL(require("node:path").resolve(__dirname, ${bundle})).href;`
      : "",
  });
  // Each `import()` of a part would copy its exports again. A part needs no copy: it has the form of an ES module.
  return code.replaceAll(/__toESM\((require\("\.[^"]+"\))\)/g, "$1");
}

function isCommonJsPackage(path) {
  const { entryPoint = "" } = metafile.outputs[relative(process.cwd(), path)];
  return metafile.inputs[entryPoint]?.format === "cjs";
}

async function compress(file) {
  const content = await readFile(file);
  const quality = {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
  };
  await writeFile(
    `${file}.br`,
    await promisify(brotliCompress)(content, quality),
  );
  await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
}
