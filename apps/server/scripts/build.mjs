// Builds dist/main.js, a bundle that runs without node_modules except better-sqlite3, with the backup command, and
// dist/web, the compressed web app.
import { cp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const compressible = new Set([
  ".js",
  ".css",
  ".svg",
  ".json",
  ".txt",
  ".webmanifest",
]);

await rm(dist, { recursive: true, force: true });
await build({
  entryPoints: ["main", "backup"].map((name) => join(root, `src/${name}.ts`)),
  outdir: dist,
  bundle: true,
  platform: "node",
  target: "node20",
  // CommonJS starts faster than an ES module, for which Node collects all exports of its built-in modules.
  format: "cjs",
  // The native package cannot be bundled. The other two are optional imports of pg that are not used.
  external: ["better-sqlite3", "pg-native", "cloudflare:sockets"],
  plugins: [keepAsText("@azure/msal-node"), keepAsText("undici")],
  define: { "import.meta.url": "importMetaUrl" },
  banner: {
    js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;',
  },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "warning",
});
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
 * Bundles a package as a string that is compiled at its first use. Only the first sign-in needs MSAL, and only servers
 * behind an outgoing proxy need undici; compiling both at the start costs about 12 % of its processor time.
 */
function keepAsText(name) {
  const filter = new RegExp(`^${name}$`);
  return {
    name: "keep-as-text",
    setup(outer) {
      outer.onResolve({ filter }, ({ path }) => ({
        path,
        namespace: "kept-as-text",
      }));
      outer.onLoad({ filter, namespace: "kept-as-text" }, async ({ path }) => {
        const { outputFiles } = await build({
          stdin: {
            contents: `module.exports = require(${JSON.stringify(path)});`,
            resolveDir: join(root, "../../packages/auth"),
          },
          bundle: true,
          write: false,
          platform: "node",
          target: "node20",
          format: "cjs",
          minify: true,
          legalComments: "none",
          logLevel: "warning",
        });
        const text = JSON.stringify(outputFiles[0].text);
        return {
          contents: `require("node:vm").compileFunction(${text}, ["module", "exports", "require"], { filename: ${JSON.stringify(name)} })(module, exports, require);`,
          loader: "js",
        };
      });
    },
  };
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
