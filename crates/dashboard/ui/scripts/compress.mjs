/** Writes each built file also as brotli and gzip, so that the server never compresses anything. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** Bytes; below this the headers outweigh what is saved. */
const WORTH_IT = 1_000;
const folder = join(import.meta.dirname, "../../dist/assets/app");

for (const name of readdirSync(folder).filter((it) => /\.(js|css)$/.test(it))) {
  const bytes = readFileSync(join(folder, name));
  if (bytes.length < WORTH_IT) continue;
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params }));
  writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
}
