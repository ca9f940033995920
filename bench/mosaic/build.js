/* Builds the peer's page. Usage: node build.js FOLDER */
import { build } from "esbuild";
import { copyFile } from "node:fs/promises";

const [folder] = process.argv.slice(2);

await build({
  entryPoints: ["page.js"],
  outdir: folder,
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
});
await copyFile("index.html", `${folder}/index.html`);
