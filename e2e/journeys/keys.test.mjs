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
  // At once: the editor comes while one writes.
  await press("r");
  await page.keyboard.type("By keys alone");
  await page.locator("trix-editor:focus", { hasText: "By keys alone" }).waitFor();
  await press("Control+Enter");
  await page.locator(".toast-undo").waitFor();
  await page.locator(".message[data-ours]", { hasText: "By keys alone" }).waitFor();
  say(`after sending, the focus is at ${await focused()}`);
  await press("z");
  await page.locator(".message[data-ours]").waitFor({ state: "detached" });
  await page.locator("trix-editor", { hasText: "By keys alone" }).waitFor();
  say(`after taking back, at ${await focused()}`);
}));

test("n writes a note", told(async () => {
  await press("n");
  await page.keyboard.type("A note by keys");
  await press("Control+Enter");
  await page.locator(".message.note", { hasText: "A note by keys" }).waitFor();
}));

test("a assigns, t tags, d moves, s snoozes, e reopens and closes", told(async () => {
  await press("a");
  await page.locator(".menu-item:focus").waitFor();
  await press("Enter");
  await page.locator(".event", { hasText: "assigned" }).waitFor();
  await press("t");
  await page.locator(".conversation-head details[open] input:focus").waitFor();
  await page.locator(".conversation-head details[open] [name=new]").focus();
  await page.keyboard.type("keyed");
  await press("Enter");
  await page.locator(".conversation-head .tag", { hasText: "keyed" }).waitFor();
  await press("d");
  await page.locator(".menu-item:focus").waitFor();
  await press("Tab", "Enter");
  await page.locator(".event", { hasText: "Trade" }).waitFor();
  await press("s");
  await page.locator(".menu-item:focus").waitFor();
  await press("Enter");
  await page.locator(".chip.is-wait").waitFor();
  await press("e");
  await page.locator(".chip.is-ok").waitFor();
  await press("e");
  await page.locator(".chip").waitFor({ state: "detached" });
}));

test("keys that come faster than the page wait for what they were meant for", told(async (say) => {
  await press("g", "i");
  await page.locator(".conversation-head").waitFor({ state: "detached" });
  await page.locator("#rows a", { hasText: "Key 3" }).focus();
  await press("Enter", "r");
  await page.keyboard.type("Quickly");
  await press("Control+Enter", "e");
  await page.locator(".chip.is-ok").waitFor();
  assert.equal(await title(), "Key 3");
  await page.locator(".message[data-ours]", { hasText: "Quickly" }).waitFor();
  say("Enter, r, an answer, Ctrl-Enter and e without a pause: opened, answered and closed, that one and no other");
  await press("e");
  await page.locator(".chip").waitFor({ state: "detached" });
  await press("/");
  await page.keyboard.type("Letter 3");
  await page.waitForURL(/\/search/);
  await until("the words are in the field", async () => (await page.inputValue("input[name=q]")) === "Letter 3");
}));

test("g i goes to the inbox, . takes the next one, / searches, Ctrl-K does anything by its name", told(async (say) => {
  await page.evaluate(() => document.activeElement.blur());
  await press("g", "i");
  await page.waitForURL(/\/conversations\?status=open/);
  await press(".");
  await page.locator(".conversation-head").waitFor();
  say(`the next one was “${await title()}”`);
  await press("/");
  await page.waitForURL(/\/search/);
  await page.locator("input[name=q]:focus").waitFor();
  await page.keyboard.type("Letter 3");
  await press("Enter");
  await page.locator("main a[href*='/conversations/']").first().waitFor();
  await page.locator("html:not([aria-busy])").waitFor();
  await press("Control+k");
  await page.keyboard.type("clos");
  await until("the palette offers the folder", async () => /Closed/i.test(await page.locator("#palette-list").innerText()));
  await press("Enter");
  await page.waitForURL(/status=closed/);
}));

test("nothing complained", assertNoComplaints);
