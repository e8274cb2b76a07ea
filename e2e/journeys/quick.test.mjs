// Ten times `j` as fast as a hand can, on a slow machine: in the end the pane, the list and the address bar say the
// same, and so they do after going back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertNoComplaints, launch, signedIn, told, until } from "../browser.mjs";
import { startDemo } from "../demo.mjs";
import { plainMail, sendMail } from "../mail.mjs";

const RUNS = Number(process.env.E2E_RUNS ?? 3);
const LETTERS = 14;
const SLOWER = 6;
let demo, browser, account, page;

before(async () => {
  [demo, browser] = await Promise.all([startDemo("--empty", "--no-outside"), launch()]);
  account = demo.accounts.find(({ slug }) => slug === "harbour");
  for (let at = 0; at < LETTERS; at++) {
    const [from, to] = [`quick${at}@post.example`, account.mailbox];
    await sendMail(demo.smtp, { from, to, raw: plainMail({ from, to, subject: `Quick ${at}`, text: `Letter ${at}` }) });
  }
  page = await signedIn(browser, account, "owner");
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
});
after(async () => {
  await browser?.close();
  await demo?.end();
});

// What the page says of where one is, each in its way.
const says = () =>
  page.evaluate(() => {
    const id = (text) => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(text ?? "")?.[0];
    return {
      address: id(location.pathname),
      pane: id(document.querySelector("#pane > .conversation")?.dataset.conversationRowValue),
      row: id(document.querySelector("#rows a[aria-current]")?.getAttribute("href")),
      focus: id(document.activeElement.getAttribute("href")),
      busy: document.querySelector("#pane[busy], html[aria-busy]") !== null,
    };
  });

async function rests() {
  let before;
  await until("the page is at rest", async () => {
    const now = await says();
    const same = !now.busy && JSON.stringify(now) === JSON.stringify(before);
    before = now;
    await page.waitForTimeout(400);
    return same;
  });
  return before;
}

for (let run = 0; run < RUNS; run++) {
  test(`j ten times, run ${run + 1}`, told(async () => {
    await page.goto(`${account.url}/conversations`);
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.locator("#pane > .conversation").waitFor();
    const rows = await page.locator("#rows > li a").evaluateAll((all) => all.map((one) => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(one.href)[0]));
    // Each run at another pace.
    for (let at = 0; at < 10; at++) {
      await page.keyboard.press("j");
      await page.waitForTimeout((run % 5) * 30);
    }
    const { address, pane, row, focus } = await rests();
    assert.deepEqual({ address, pane, row, focus }, { address: rows[10], pane: rows[10], row: rows[10], focus: rows[10] });
    await page.goBack();
    const back = await rests();
    assert.equal(back.address, back.pane, "after going back the address is that of what is shown");
  }));
}

test("nothing complained", assertNoComplaints);
