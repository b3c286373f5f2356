/** Writes each built file also as brotli and gzip, so that the server never compresses anything. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** Bytes; below this the headers outweigh what is saved. */
const WORTH_IT = 1_000;

export function compress(folder) {
  const files = readdirSync(join(folder, "assets/app")).map((it) => join("assets/app", it));
  for (const name of [...files, "widget.js"].filter((it) => /\.(js|css|svg)$/.test(it))) {
    const file = join(folder, name);
    const bytes = readFileSync(file);
    if (bytes.length < WORTH_IT) continue;
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  }
}
