// Everything by the keyboard: the whole list that `?` shows.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertNoComplaints, launch, signedIn, told, until } from "../browser.mjs";
import { startDemo } from "../demo.mjs";
import { plainMail, sendMail } from "../mail.mjs";

let demo, browser, account, page;

before(async () => {
  [demo, browser] = await Promise.all([startDemo("--empty", "--no-outside"), launch()]);
  account = demo.accounts.find(({ slug }) => slug === "harbour");
  for (const at of [1, 2, 3, 4]) {
    const [from, to] = [`key${at}@post.example`, account.mailbox];
    await sendMail(demo.smtp, { from, to, raw: plainMail({ from, to, subject: `Key ${at}`, text: `Letter ${at}` }) });
  }
  page = await signedIn(browser, account, "owner");
});
after(async () => {
  await browser?.close();
  await demo?.end();
});

const press = (...keys) => keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
// A fragment that arrives may take the focus at the very moment of a key; a person presses it again.
const pressFor = async (keys, locator, state = "visible") => {
  for (let tries = 0; tries < 4; tries++) {
    await page.evaluate(() => document.activeElement.blur());
    await press(...keys);
    try {
      return await locator.waitFor({ state, timeout: 2000 });
    } catch {}
  }
  await locator.waitFor({ state });
};
const focused = () => page.evaluate(() => document.activeElement.closest("#rows > li")?.innerText ?? document.activeElement.tagName);
const title = () => page.locator(".conversation-head h1").innerText();

test("? lists the keys, Escape closes the list", told(async (say) => {
  await press("?");
  await page.locator("#keys[open]").waitFor();
  say(`${await page.locator("#keys dt").count()} keys are listed`);
  await press("Escape");
  await page.locator("#keys:not([open])").waitFor({ state: "attached" });
}));

test("j k move, Enter opens, j goes on, u goes back", told(async () => {
  await press("j", "j");
  assert.match(await focused(), /Key 3/);
  await press("k");
  assert.match(await focused(), /Key 4/);
  await press("j", "Enter");
  await page.locator(".conversation-head h1", { hasText: "Key 3" }).waitFor();
  await press("j");
  await page.locator(".conversation-head h1", { hasText: "Key 2" }).waitFor();
  await press("u");
  await page.locator(".conversation-head").waitFor({ state: "detached" });
  assert.match(page.url(), /\/conversations\?/);
}));

test("x selects, e closes what is selected", told(async () => {
  await press("j", "x");
  const rows = await page.locator("#rows > li").count();
  assert.equal(await page.locator("#rows input:checked").count(), 1);
  await press("e");
  await until("one is gone from the list", async () => (await page.locator("#rows > li").count()) === rows - 1);
}));

test("r answers, Ctrl-Enter sends, z takes it back", told(async (say) => {
  await page.locator("#rows a", { hasText: "Key 2" }).click();
  await page.locator(".conversation-head h1", { hasText: "Key 2" }).waitFor();
  await press("r");
  await page.locator("trix-editor:focus").waitFor();
  await page.keyboard.type("By keys alone");
  await press("Control+Enter");
  await page.locator(".message[data-ours]", { hasText: "By keys alone" }).waitFor();
  const where = await page.evaluate(() => document.activeElement.tagName);
  say(`after sending, the focus is at ${where}`);
  await pressFor(["z"], page.locator(".message[data-ours]"), "detached");
  await page.locator("trix-editor", { hasText: "By keys alone" }).waitFor();
}));

test("n writes a note", told(async () => {
  await pressFor(["n"], page.locator("form.is-note textarea:focus"));
  await page.keyboard.type("A note by keys");
  await press("Control+Enter");
  await page.locator(".message.note", { hasText: "A note by keys" }).waitFor();
}));

test("a assigns, t tags, d moves, s snoozes, e reopens and closes", told(async () => {
  await pressFor(["a"], page.locator(".menu-item:focus"));
  await press("Enter");
  await page.locator(".event", { hasText: "assigned" }).waitFor();
  await pressFor(["t"], page.locator(".conversation-head details[open] input:focus").first());
  await page.locator(".conversation-head details[open] [name=new]").focus();
  await page.keyboard.type("keyed");
  await press("Enter");
  await page.locator(".conversation-head .tag", { hasText: "keyed" }).waitFor();
  await pressFor(["d"], page.locator(".menu-item:focus"));
  await press("Tab", "Enter");
  await page.locator(".event", { hasText: "Trade" }).waitFor();
  await pressFor(["s"], page.locator(".menu-item:focus"));
  await press("Enter");
  await page.locator(".chip.is-wait").waitFor();
  await pressFor(["e"], page.locator(".chip.is-ok"));
  await pressFor(["e"], page.locator(".chip"), "detached");
}));

test("g i goes to the inbox, . takes the next one, / searches, Ctrl-K does anything by its name", told(async (say) => {
  await pressFor(["g", "i"], page.locator(".conversation-head"), "detached");
  await page.waitForURL(/\/conversations\?status=open/);
  await pressFor(["."], page.locator(".conversation-head"));
  say(`the next one was “${await title()}”`);
  await page.evaluate(() => document.activeElement.blur());
  await press("/");
  await page.waitForURL(/\/search/);
  await page.locator("input[name=q]:focus").waitFor();
  await page.keyboard.type("Letter 3");
  await press("Enter");
  await page.locator("main a[href*='/conversations/']").first().waitFor();
  await press("Control+k");
  await page.locator("#palette[open] input:focus").waitFor();
  await page.keyboard.type("clos");
  await until("the palette offers the folder", async () => /Closed/i.test(await page.locator("#palette-list").innerText()));
  await press("Enter");
  await page.waitForURL(/status=closed/);
}));

test("nothing complained", assertNoComplaints);
