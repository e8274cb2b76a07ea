// Runs all tests, one file after the other: each has a demo of its own. `npm test -- keys` runs what bears that name.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const only = process.argv[2] ?? "";
const files = ["journeys", "hostile"].flatMap((folder) => readdirSync(`${here}${folder}`).map((file) => `${folder}/${file}`)).filter((file) => file.endsWith(".test.mjs") && file.includes(only));
const { status } = spawnSync(process.execPath, ["--test", "--test-concurrency=1", "--test-timeout=400000", "--test-reporter=spec", ...files], { cwd: here, stdio: "inherit" });
process.exit(status ?? 1);
