// Runs all tests, one file after the other: each has a demo of its own. `npm test -- keys` runs what bears that name.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FILE_MILLISECONDS_MAX = 400_000;
const here = fileURLToPath(new URL(".", import.meta.url));
const only = process.argv[2] ?? "";
const files = ["journeys", "hostile"].flatMap((folder) => readdirSync(`${here}${folder}`).map((file) => `${folder}/${file}`)).filter((file) => file.endsWith(".test.mjs") && file.includes(only));
let failed = 0;
for (const file of files) {
  const { status } = spawnSync(process.execPath, ["--test", "--test-reporter=spec", file], { cwd: here, stdio: "inherit", timeout: FILE_MILLISECONDS_MAX });
  if (status !== 0) failed += 1;
}
process.exit(failed > 0 ? 1 : 0);
