// Photographs the pages that the example `preview` wrote, and lets axe-core look at each:
// npm run look -- FOLDER PICTURES [part of a page's name]
import { createServer } from "node:http";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { deflateSync } from "node:zlib";
import { chromium } from "playwright-core";

const [folder, pictures, only = ""] = process.argv.slice(2);
const widths = { narrow: [360, 740], middle: [820, 1100], laptop: [1440, 900], wide: [2560, 1300] };
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".png": "image/png" };
const dist = new URL("dist/", import.meta.url).pathname;
const letterPolicy = readFileSync(join(folder, "letter-policy.txt"), "utf8");
const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

const server = createServer((request, answer) => {
  const path = new URL(request.url, "http://x").pathname;
  if (path === "/live") return answer.writeHead(200, { "content-type": "text/event-stream" }).write(":\n\n");
  if (request.method !== "GET") return answer.writeHead(204).end();
  const file = path.startsWith("/assets/") ? join(dist, path.slice(8)) : join(folder, path.slice(1));
  if (path === "/preview.png") return answer.writeHead(200, { "content-type": "image/png" }).end(picture());
  if (!existsSync(file)) return answer.writeHead(404).end();
  const policy = path.startsWith("/letter-")
    ? `default-src 'none'; script-src ${letterPolicy}; style-src 'unsafe-inline'`
    : "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-preview'; font-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
  answer.writeHead(200, { "content-type": `${types[extname(file)]}; charset=utf-8`, "content-security-policy": policy });
  answer.end(readFileSync(file));
}).listen(0, "127.0.0.1");

// A small picture for the files' previews: a calm grey-blue.
function picture() {
  const crcTable = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0; });
  const crc = (bytes) => ~bytes.reduce((c, b) => crcTable[(c ^ b) & 255] ^ (c >>> 8), -1) >>> 0;
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(8);
    out.writeUInt32BE(data.length);
    out.writeUInt32BE(crc(body), 4);
    return Buffer.concat([out.subarray(0, 4), body, out.subarray(4)]);
  };
  const size = 40;
  const head = Buffer.from([0, 0, 0, size, 0, 0, 0, size, 8, 2, 0, 0, 0]);
  const rows = Buffer.concat(Array.from({ length: size }, (_, y) => Buffer.concat([Buffer.from([0]), ...Array.from({ length: size }, (_, x) => Buffer.from([120 + y, 150 + ((x * y) % 17) * 2, 160 + x]))])));
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

mkdirSync(pictures, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
const origin = `http://127.0.0.1:${server.address().port}`;
let findings = 0;
for (const name of readdirSync(folder).filter((file) => file.endsWith(".html") && !file.startsWith("letter-") && file.includes(only))) {
  for (const [size, [width, height]] of Object.entries(widths)) {
    if (process.env.SIZES && !process.env.SIZES.split(",").includes(size)) continue;
    for (const colorScheme of ["light", "dark"]) {
      if (process.env.THEMES && !process.env.THEMES.split(",").includes(colorScheme)) continue;
      const context = await browser.newContext({ viewport: { width, height }, colorScheme, timezoneId: "Europe/Copenhagen", bypassCSP: false, hasTouch: width < 700, isMobile: width < 700 });
      const page = await context.newPage();
      page.on("console", (message) => { if (["error", "warning"].includes(message.type())) { findings++; console.log(`${name} ${size}: ${message.text()}`); } });
      page.on("pageerror", (error) => { findings++; console.log(`${name} ${size}: ${error}`); });
      await page.goto(`${origin}/${name}`);
      await page.waitForTimeout(350);
      await page.screenshot({ path: join(pictures, `${name.replace(".html", "")}-${size}-${colorScheme}.png`) });
      const { overflow } = await page.evaluate(() => ({ overflow: document.documentElement.scrollWidth - innerWidth }));
      if (overflow > 0) { findings++; console.log(`${name} ${size}: ${overflow} px too wide`); }
      // Playwright puts the script in past the page's policy.
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
      for (const { id, help, nodes } of violations) {
        findings += nodes.length;
        console.log(`${name} ${size} ${colorScheme}: ${id}: ${help}\n    ${nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join("\n    ")}`);
      }
      await context.close();
    }
  }
}
console.log(`${findings} findings`);
await browser.close();
server.close();
server.closeAllConnections();
