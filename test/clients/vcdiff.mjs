// vcdiff.mjs - test_vcdiff's second opinion: node vcdiff.mjs BASE DELTA RESULT, by the npm package @ably/vcdiff-decoder.
import { readFileSync, writeFileSync } from "node:fs";
import decoder from "@ably/vcdiff-decoder";

const [base, delta] = process.argv.slice(2, 4).map((path) => readFileSync(path));
writeFileSync(process.argv[4], decoder.decode(delta, base));
