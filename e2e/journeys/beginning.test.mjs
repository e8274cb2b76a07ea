// A conversation begins with a letter of ours: by key, with a draft, files, flaws at their fields, ten seconds to take
// it back; the contact's answer joins it. And without script.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertNoComplaints, launch, NARROW, person, logIn, signedIn, told, until } from "../browser.mjs";
import { startDemo } from "../demo.mjs";
import { header, plainMail, sendMail, startSink } from "../mail.mjs";

// A first letter waits ten seconds before it leaves.
const LEAVES_MILLISECONDS_MAX = 60_000;
let demo, browser, sink, account;

before(async () => {
  sink = await startSink();
  [demo, browser] = await Promise.all([startDemo("--empty", "--no-outside", "--relay", sink.address), launch()]);
  account = demo.accounts.find(({ slug }) => slug === "harbour");
});
after(async () => {
  await browser?.close();
  await demo?.end();
  sink?.end();
});

async function writes(page, text) {
  await page.locator(".beginning .composer-text:visible").focus();
  const editor = page.locator(".beginning trix-editor");
  await editor.waitFor();
  await editor.click();
  await page.keyboard.type(text);
}

test("a letter is begun by key, kept as a draft, refused at its field, taken back, sent, and answered", told(async (say) => {
  const page = await signedIn(browser, account, "owner", "/conversations?status=mine", { expects: ["422"] });
  await page.keyboard.press("c");
  await page.locator(".beginning h1").waitFor();
  await until("the first line has the focus", () => page.evaluate(() => document.activeElement.id === "begin-to"));
  await page.keyboard.type("ann@post.example, nobody");
  await page.fill("#begin-subject", "Your order of tea");
  await writes(page, "Dear Ann, it has come.");
  await page.locator(".beginning input[type=file]").setInputFiles({ name: "tea.txt", mimeType: "text/plain", buffer: Buffer.from("Assam") });
  await page.locator(".draft-file", { hasText: "tea.txt" }).waitFor();
  await page.locator(".composer-state", { hasText: "Draft kept" }).waitFor();
  say("what is typed is kept");

  await page.keyboard.press("Control+Enter");
  await page.locator("#begin-to-flaw", { hasText: "“nobody” is not a mail address." }).waitFor();
  assert.equal(await page.inputValue("#begin-subject"), "Your order of tea");
  assert.match(await page.locator(".beginning trix-editor").innerText(), /it has come/);
  await page.locator(".draft-file", { hasText: "tea.txt" }).waitFor();
  say("what is wrong is said at its field, and all is there");

  await page.fill("#begin-to", "ann@post.example");
  await page.locator(".beginning .button-main").click();
  await page.locator(".toast-undo").waitFor();
  await page.locator(".conversation-head h1", { hasText: "Your order of tea" }).waitFor();
  assert.match(page.url(), /\/conversations\/[0-9a-f-]{36}\?status=mine$/);
  await page.locator("#rows .row", { hasText: "Your order of tea" }).locator(".row-mark", { hasText: "Has files" }).waitFor();
  assert.equal(await page.locator(".list-total").innerText(), "1");
  await page.keyboard.press("z");
  await page.locator(".beginning h1").waitFor();
  assert.equal(await page.inputValue("#begin-to"), "ann@post.example");
  await page.locator(".beginning trix-editor", { hasText: "it has come" }).waitFor();
  await page.locator("#rows .row").waitFor({ state: "detached" });
  say("taken back: no conversation, but the draft as it was");

  await page.locator(".beginning .button-main").click();
  await page.locator(".conversation-head h1", { hasText: "Your order of tea" }).waitFor();
  const mail = await until("it is at the relay", () => sink.mails.find(({ raw }) => raw.includes("Your order of tea")), LEAVES_MILLISECONDS_MAX);
  await page.locator(".delivery", { hasText: "Sent to" }).waitFor();
  assert.match(header(mail.raw, "From"), new RegExp(account.mailbox));
  const reply = plainMail({ from: "Ann Arrow <ann@post.example>", to: account.mailbox, subject: "Re: Your order of tea", text: "Thank you!", "In-Reply-To": header(mail.raw, "Message-ID") });
  await sendMail(demo.smtp, { from: "ann@post.example", to: account.mailbox, raw: reply });
  await page.locator(".message", { hasText: "Thank you!" }).waitFor();
  assert.equal(await page.locator("#rows .row").count(), 1);
  say("the contact's answer joins it");
  await page.context().close();
}));

test("it works on a narrow screen and without script", told(async (say) => {
  const own = await person(browser, { viewport: NARROW, javaScriptEnabled: false });
  const page = await own.newPage();
  await logIn(page, account, account.agents.find(({ role }) => role === "owner"), "/conversations/new?status=unassigned");
  await page.fill("#begin-to", "bo@post.example");
  await page.fill("#begin-subject", "Plain and narrow");
  await page.fill(".beginning textarea", "No script here.");
  await page.locator(".beginning .button-main").click();
  await page.locator(".conversation-head h1", { hasText: "Plain and narrow" }).waitFor();
  await page.locator(".deliveries .button-link", { hasText: "Undo" }).click();
  await page.locator(".beginning h1").waitFor();
  assert.equal(await page.inputValue(".beginning textarea"), "No script here.");
  await page.locator(".beginning .button-main").click();
  await page.locator(".conversation-head h1", { hasText: "Plain and narrow" }).waitFor();
  await page.locator(".conversation-head form[action$='/closure'] button").click();
  await page.locator(".conversation-head form[action*='/closure?method=delete'] button").waitFor();
  assert.match(page.url(), /\?status=unassigned$/);
  say("and a plain form leads back beside its list");
  await own.close();
}));

test("no page complained", assertNoComplaints);
