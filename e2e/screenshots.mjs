// Makes docs/images anew from a demo: `npm run screenshots`, or with a folder to look first: `-- FOLDER`.
import { execFileSync } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, logIn, NARROW, person, WIDE } from "./browser.mjs";
import { startDemo } from "./demo.mjs";

const PICTURE_BYTES_MAX = 200_000;
const folder = process.argv[2] ?? fileURLToPath(new URL("../docs/images", import.meta.url));
mkdirSync(folder, { recursive: true });

const demo = await startDemo();
const browser = await launch();
const account = demo.accounts.find(({ slug }) => slug === "harbour");
for (const [size, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
  for (const colorScheme of ["light", "dark"]) {
    const own = await person(browser, { viewport, colorScheme, reducedMotion: "reduce", deviceScaleFactor: size === "narrow" ? 2 : 1, isMobile: size === "narrow", hasTouch: size === "narrow" });
    const page = await own.newPage();
    const take = async (name) => {
      const path = join(folder, `${name}-${size}-${colorScheme}.png`);
      await page.evaluate(() => document.fonts.ready);
      await page.waitForLoadState("networkidle").catch(() => {});
      await page.waitForTimeout(300);
      await page.screenshot({ path });
      shrink(path);
    };
    await page.goto(`${account.url}/login`);
    await take("log-in");
    await logIn(page, account, account.agents[0]);
    await take("inbox");
    const conversation = await page.locator("#rows a", { hasText: "with a drawing" }).getAttribute("href");
    await page.goto(new URL(conversation, account.url).href);
    await take("conversation");
    await page.goto(`${account.url}/search?q=price`);
    await take("search");
    await page.goto(`${account.url}/settings/departments`);
    await take("settings");
    await own.close();
  }
}
await browser.close();
await demo.end();

// As small as the tools at hand make it; the pictures are for a front page.
function shrink(path) {
  execFileSync("convert", [path, "-strip", "-define", "png:compression-level=9", path]);
  if (statSync(path).size > PICTURE_BYTES_MAX) execFileSync("convert", [path, "-strip", "+dither", "-colors", "255", "-define", "png:compression-level=9", path]);
  const { size } = statSync(path);
  console.log(`${path} ${Math.round(size / 1000)} KB${size > PICTURE_BYTES_MAX ? ": too large" : ""}`);
}
