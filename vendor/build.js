/* Builds the charts' script with what it loads later. Usage: node build.js FOLDER */
import { build } from "esbuild";

const [folder] = process.argv.slice(2);

await build({
  entryPoints: ["charts.js"],
  outdir: folder,
  chunkNames: "by-content/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  legalComments: "eof",
  target: "es2020",
  alias: { regl: "@plotly/regl" },
  define: { global: "window", "define.amd": "false", "process.env.NODE_DEBUG": "false" },
  loader: { ".css": "empty", ".glsl": "text" },
});
