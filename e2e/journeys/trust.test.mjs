// The public pages at the operator's host, with the list of 2019 and the corrected one: read without script, in both
// languages, with axe, on narrow screens and on paper; and the account's own list.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { assertNoComplaints, launch, NARROW, person, signedIn, told, WIDE } from "../browser.mjs";
import { startDemo } from "../demo.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PAGE_BYTES_MAX = 50 * 1024;
const PATHS = ["/trust", "/trust/versions", "/trust/versions/1", "/trust/versions/1/differences", "/trust/versions/2/differences"];
let demo, browser, account, operator;

before(async () => {
  [demo, browser] = await Promise.all([startDemo("--empty"), launch()]);
  account = demo.accounts.find(({ slug }) => slug === "harbour");
  operator = account.url.replace("//harbour.", "//");
});
after(async () => {
  await browser?.close();
  await demo?.end();
});

async function findings(page, where) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return [
    ...violations.flatMap(({ id, nodes }) => nodes.map((node) => `${where}: ${id} at ${node.target}: ${node.any[0]?.message ?? ""}`)),
    ...(wide > 0 ? [`${where}: ${wide} px too wide`] : []),
  ];
}

for (const [colorScheme, viewport] of [["light", WIDE], ["dark", WIDE], ["light", NARROW], ["dark", NARROW]]) {
  test(`read in both languages: ${colorScheme}, ${viewport.width} wide`, told(async (say) => {
    const own = await person(browser, { colorScheme, viewport });
    const page = await own.newPage();
    const found = [];
    for (const path of PATHS) {
      for (const language of ["en", "da"]) {
        await page.goto(`${operator}${path}?lang=${language}`);
        found.push(...(await findings(page, `${path} ${language}`)));
        assert.equal(await page.locator("html").getAttribute("lang"), language);
      }
    }
    assert.deepEqual(found, []);
    assert.deepEqual(await own.cookies(), []);
    say(`${PATHS.length * 2} pages, no finding, no cookie`);
    await own.close();
  }));
}

test("without script one finds what changed, and reads it in Danish", told(async (say) => {
  const own = await person(browser, { javaScriptEnabled: false });
  const page = await own.newPage();
  let bytes = 0;
  page.on("response", async (answer) => { bytes += (await answer.body().catch(() => "")).length; });
  await page.goto(`${operator}/`);
  assert.equal(new URL(page.url()).pathname, "/trust");
  assert.match(await page.locator(".notice.is-sample").innerText(), /This is a sample/);
  const first = bytes;
  assert.ok(first < PAGE_BYTES_MAX, `${first} bytes with style and icon`);
  await page.locator(".contents a", { hasText: "What Havn does not stop" }).click();
  await page.locator("#not-stopped", { hasText: "hypervisor" }).waitFor();
  await page.locator(".top a", { hasText: "Earlier versions" }).click();
  await page.locator("#version-1 a", { hasText: "The list as it was" }).click();
  assert.match(await page.locator(".notice", { hasText: "This is version 1" }).innerText(), /28 October 2019/);
  assert.match(await page.locator("#findings").innerText(), /Accounts of one region are served from another/);
  await page.goBack();
  await page.locator("#version-2 a", { hasText: "What changed" }).click();
  await page.locator("#removed", { hasText: "Linode, LLC" }).waitFor();
  await page.locator(".languages a", { hasText: "Dansk" }).click();
  await page.locator("h1", { hasText: "Hvad udgave 2 ændrede" }).waitFor();
  say(`${first} bytes for the list with its style and icon`);
  await own.close();
}));

test("on paper the list is whole", told(async (say) => {
  const own = await person(browser);
  const page = await own.newPage();
  await page.goto(`${operator}/trust`);
  const paper = await page.pdf({ format: "A4" });
  assert.equal(paper.subarray(0, 5).toString(), "%PDF-");
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator(".languages").isVisible(), false);
  assert.equal(await page.locator("#findings").isVisible(), true);
  say(`${paper.length} bytes of PDF`);
  await own.close();
}));

test("an agent reads the account's own list, and comes from it to the public one", told(async (say) => {
  const page = await signedIn(browser, account, "agent", "/settings/sub-processors");
  await page.locator("h1", { hasText: "Who gets our data" }).waitFor();
  const summary = page.locator(".line-item summary").first();
  await summary.click();
  await page.locator(".line-item dl").first().waitFor();
  assert.deepEqual(await findings(page, "my list"), []);
  const [there] = await Promise.all([page.waitForEvent("popup"), page.locator(".recipients-terms a").click()]);
  await there.locator("h1", { hasText: "Who gets data" }).waitFor();
  say((await summary.innerText()).replaceAll("\n", " · "));
  await page.context().close();
}));

test("nothing complained", assertNoComplaints);
