// Builds dist/: scripts, styles, fonts and the mark, each with a hash of its content in its name, and a
// compressed copy beside whatever gains by it. `manifest.json` says which name stands for which file.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const dist = new URL("dist/", import.meta.url).pathname;
const root = new URL(".", import.meta.url).pathname;
const entries = ["src/app.js", "src/editor.js", "src/app.css", "src/trust.css"];
const copied = ["src/mark.svg"];

const options = {
  absWorkingDir: root,
  entryPoints: entries,
  outdir: dist,
  outbase: "src",
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  publicPath: "/assets",
  bundle: true,
  minify: true,
  format: "esm",
  // Browsers that know light-dark() and nesting: 2024 and later.
  target: ["chrome123", "firefox120", "safari17.5"],
  loader: { ".woff2": "file" },
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
};

function finish(metafile) {
  const manifest = {};
  for (const [output, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (entryPoint) manifest[basename(entryPoint)] = basename(output);
  }
  for (const name of readdirSync(dist)) {
    const font = /^(.*)-[A-Z0-9]{8}\.woff2$/.exec(name);
    if (font) manifest[`${font[1]}.woff2`] = name;
  }
  for (const source of copied) {
    const bytes = readFileSync(join(root, source));
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
    const name = `${basename(source, extname(source))}-${hash}${extname(source)}`;
    writeFileSync(join(dist, name), bytes);
    manifest[basename(source)] = name;
  }
  for (const name of Object.values(manifest)) if (/\.(js|css|svg)$/.test(name)) compress(name);
  const sorted = Object.fromEntries(Object.entries(manifest).sort());
  writeFileSync(join(dist, "manifest.json"), JSON.stringify(sorted, null, 2));
}

function compress(name) {
  const bytes = readFileSync(join(dist, name));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(join(dist, `${name}.br`), brotliCompressSync(bytes, { params }));
  const packed = gzipSync(bytes, { level: 9 });
  writeFileSync(join(dist, `${name}.gz`), packed);
  console.log(`${name.padEnd(28)} ${String(bytes.length).padStart(8)} ${String(packed.length).padStart(8)} gz`);
}

function clear() {
  mkdirSync(dist, { recursive: true });
  for (const name of readdirSync(dist)) rmSync(join(dist, name));
}

if (process.argv.includes("--watch")) {
  const again = { name: "again", setup: (b) => { b.onStart(clear); b.onEnd((r) => r.metafile && finish(r.metafile)); } };
  const context = await esbuild.context({ ...options, plugins: [again] });
  await context.watch();
} else {
  clear();
  finish((await esbuild.build(options)).metafile);
}
