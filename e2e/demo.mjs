// A demo of its own for the tests: starts it in a folder that is thrown away, and ends it.
import { spawn } from "node:child_process";
import { request } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = process.env.HAVN ?? fileURLToPath(new URL("../target/debug/havn", import.meta.url));
const READY_MILLISECONDS_MAX = 60_000;

// `arguments_` as the command line has them. Gives the line that the demo prints, and `end`.
export async function startDemo(...arguments_) {
  const dir = mkdtempSync(join(tmpdir(), "havn-e2e-"));
  const child = spawn(PROGRAM, ["demo", "--json", "--dir", join(dir, "data"), ...arguments_], { stdio: ["ignore", "pipe", "pipe"] });
  // Whoever ends the test ends its demo.
  const away = () => (child.kill("SIGTERM"), rmSync(dir, { recursive: true, force: true }));
  const stopped = () => (away(), process.exit(1));
  process.once("exit", away);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, stopped);
  const said = [];
  createInterface({ input: child.stderr }).on("line", (line) => said.push(line));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const line = await Promise.race([
    new Promise((resolve) => createInterface({ input: child.stdout }).once("line", resolve)),
    ended.then((code) => Promise.reject(new Error(`the demo ended with ${code}: ${said.join("\n")}`))),
    new Promise((_, reject) => setTimeout(reject, READY_MILLISECONDS_MAX, new Error("the demo is not ready")).unref()),
  ]);
  const end = async () => {
    child.kill("SIGTERM");
    process.removeListener("exit", away);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeListener(signal, stopped);
    await ended;
    rmSync(dir, { recursive: true, force: true });
    return said;
  };
  return { ...JSON.parse(line), end };
}

// Asks one of the demo's hosts without a browser; names under `localhost` are known to browsers only.
export function ask(url, { method = "GET", headers = {}, body } = {}) {
  const { hostname, port, host, pathname, search } = new URL(url);
  if (!/(^|\.)localhost$/.test(hostname)) throw new Error(`${hostname} is not ours`);
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path: pathname + search, method, headers: { ...headers, host } }, async (answer) => {
      const text = Buffer.concat(await answer.toArray()).toString("utf8");
      resolve({ status: answer.statusCode, headers: answer.headers, text });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}
