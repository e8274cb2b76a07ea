// axe-core finds nothing on any kind of page, light and dark, wide and narrow.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { assertNoComplaints, launch, logIn, NARROW, person, told, WIDE } from "../browser.mjs";
import { startDemo } from "../demo.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PAGES = [
  "conversations?status=open", "conversations?status=closed", "conversations?status=spam", "conversations?status=mine", "search", "search?q=tea", "search?q=nothingofthekind",
  ...["account", "agents", "departments", "mailboxes", "relay", "domains", "tags", "tokens", "sub-processors"].map((section) => `settings/${section}`), "me", "there-is-no-such-page",
];
let demo, browser, account;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  account = demo.accounts.find(({ slug }) => slug === "harbour");
});
after(async () => {
  await browser?.close();
  await demo?.end();
});

async function findings(page, where) {
  // Playwright puts the script in past the page's policy.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"], iframes: false }));
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${where}: ${id} at ${node.target}: ${node.any[0]?.message ?? ""}`));
}

for (const [colorScheme, viewport] of [["light", WIDE], ["dark", WIDE], ["light", NARROW], ["dark", NARROW]]) {
  test(`${colorScheme}, ${viewport.width} wide`, told(async (say) => {
    const own = await person(browser, { colorScheme, viewport, reducedMotion: "reduce", expects: ["404"] });
    const page = await own.newPage();
    await page.goto(`${account.url}/login`);
    const found = await findings(page, "login");
    await logIn(page, account, account.agents[0]);
    for (const path of PAGES) {
      await page.goto(`${account.url}/${path}`);
      found.push(...(await findings(page, path)));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) found.push(`${path}: ${wide} px too wide`);
    }
    await page.goto(`${account.url}/conversations?status=open`);
    const links = await page.locator("#rows a").evaluateAll((all) => all.slice(0, 6).map((link) => link.href));
    for (const link of links) {
      await page.goto(link);
      await page.locator(".composer").waitFor();
      found.push(...(await findings(page, "conversation")));
    }
    await page.locator(".composer-tab.for-note").click();
    found.push(...(await findings(page, "note")));
    await page.evaluate(() => document.getElementById("keys").showModal());
    found.push(...(await findings(page, "keys")));
    say(`${PAGES.length + links.length + 3} pages, ${found.length} findings`);
    assert.deepEqual(found, []);
    await own.close();
  }));
}

test("nothing complained", assertNoComplaints);
