/** What every app of Vigie needs of its build: icons drawn from one SVG, the list of the shell, and compressed files. */

import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import type { Plugin } from "vite";

const COMPRESSED = /\.(?:css|html|js|json|svg|webmanifest)$/;
const ENOUGH = 512;

/** PNG files of an SVG, each by its name and width in pixels. */
export function icons(svg: string, sizes: Record<string, number>): Plugin {
  return {
    name: "vigie-icons",
    apply: "build",
    async generateBundle() {
      const engine = createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm");
      await initWasm(await readFile(engine));
      const drawing = await readFile(svg, "utf8");
      for (const [fileName, width] of Object.entries(sizes)) {
        const source = new Resvg(drawing, { fitTo: { mode: "width", value: width } }).render().asPng();
        this.emitFile({ type: "asset", fileName, source });
      }
    },
  };
}

/** Writes into the service worker which files the app is made of, and a name that changes with any of them. */
export function shell(worker: string, placeholder: string): Plugin {
  return {
    name: "vigie-shell",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const chunk = bundle[worker];
        if (chunk?.type !== "chunk") throw new Error(`${worker} is not among the files that were built`);
        const paths: string[] = [];
        const hash = createHash("sha256").update(chunk.code);
        for (const [name, file] of Object.entries(bundle).sort(([one], [other]) => (one < other ? -1 : 1))) {
          if (name === worker || name.endsWith(".map")) continue;
          hash.update(name).update(file.type === "chunk" ? file.code : file.source);
          paths.push(name === "index.html" ? "/" : `/${name}`);
        }
        const list = JSON.stringify({ name: hash.digest("hex").slice(0, 16), paths });
        if (!chunk.code.includes(placeholder)) throw new Error(`${worker} does not ask for ${placeholder}`);
        chunk.code = chunk.code.replace(placeholder, () => list);
      },
    },
  };
}

/** Beside each file that is worth it, the same compressed, so that nothing is compressed while somebody waits. */
export function compressed(): Plugin {
  return {
    name: "vigie-compressed",
    apply: "build",
    async writeBundle({ dir }) {
      if (dir === undefined) throw new Error("the build has no folder");
      const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
      for (const name of await readdir(dir, { recursive: true })) {
        if (!COMPRESSED.test(name)) continue;
        const plain = await readFile(join(dir, name));
        if (plain.length < ENOUGH) continue;
        await writeFile(join(dir, `${name}.br`), await promisify(brotliCompress)(plain, quality));
        await writeFile(join(dir, `${name}.gz`), await promisify(gzip)(plain, { level: 9 }));
      }
    },
  };
}
