// Two people at one desk: what one does the other sees, also after having been offline; nothing typed is lost.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertNoComplaints, launch, logIn, person, signedIn, told, until } from "../browser.mjs";
import { startDemo } from "../demo.mjs";
import { header, plainMail, sendMail, startSink } from "../mail.mjs";

// While offline the browser itself says so in the console.
const OFFLINE = { expects: ["ERR_INTERNET_DISCONNECTED"] };
// An answer waits ten seconds before it leaves.
const LEAVES_MILLISECONDS_MAX = 60_000;
let demo, browser, sink, account, one, other;

before(async () => {
  sink = await startSink();
  [demo, browser] = await Promise.all([startDemo("--empty", "--no-outside", "--relay", sink.address), launch()]);
  account = demo.accounts.find(({ slug }) => slug === "harbour");
  await arrives("Both look at this");
  [one, other] = await Promise.all([signedIn(browser, account, "owner", "/conversations", OFFLINE), signedIn(browser, account, "admin", "/conversations", OFFLINE)]);
});
after(async () => {
  await browser?.close();
  await demo?.end();
  sink?.end();
});

async function arrives(subject, headers = {}) {
  const [from, to] = ["bo@post.example", account.mailbox];
  await sendMail(demo.smtp, { from, to, raw: plainMail({ from: `Bo Both <${from}>`, to, subject, text: `About: ${subject}`, ...headers }) });
}

const opened = async (page, subject) => {
  await page.locator("#rows a", { hasText: subject }).first().click();
  await page.locator(".conversation-head h1", { hasText: subject }).waitFor();
};
const writes = async (page, text) => {
  await page.locator("form.is-answer textarea").focus();
  await page.locator("form.is-answer trix-editor").click();
  await page.keyboard.type(text);
};

test("each sees who else looks and writes, and what the other does", told(async (say) => {
  await opened(one, "Both look at this");
  await opened(other, "Both look at this");
  await one.locator(".presence", { hasText: "Priya" }).waitFor();
  await other.locator(".presence", { hasText: "Eleanor" }).waitFor();
  await writes(other, "I am at it");
  await one.locator(".presence-one[data-writes]", { hasText: "Priya" }).waitFor();
  say(`the first reads: “${(await one.locator(".presence").innerText()).replaceAll("\n", " ")}”`);
  await one.locator(".composer-tab.for-note").click();
  await one.locator("form.is-note textarea").fill("Leave her to me.");
  await one.locator("form.is-note [type=submit]").click();
  await other.locator(".message.note", { hasText: "Leave her to me." }).waitFor();
  await one.locator(".conversation-head summary[data-hotkey=a]").click();
  await one.locator(".conversation-head details[open] .menu-item", { hasText: "Eleanor" }).click();
  await other.locator(".conversation-head summary[data-hotkey=a]", { hasText: "Eleanor" }).waitFor();
  // Trix shows a space at the end of what is typed as one that does not break.
  const written = (await other.locator("form.is-answer trix-editor").innerText()).replaceAll("\u00a0", " ");
  assert.equal(written, "I am at it", "what the other writes stays");
  say("note and assignment are at the second without reload, and what the second writes is untouched");
}));

test("the rail of an open page follows what an admin sets up", told(async (say) => {
  const place = (page, name) => page.locator("#rail-places .rail-link", { hasText: name });
  await other.locator("#rail-places .rail-link").first().click();
  await other.locator("#rail-places .rail-link[aria-current]").focus();
  const here = await other.locator("#rail-places .rail-link[aria-current]").getAttribute("href");
  const settings = await one.context().newPage();
  await settings.goto(`${account.url}/settings/departments`);
  await settings.fill("#new-name", "Night watch");
  await settings.locator("form[action='/settings/departments'] .button-main").click();
  await place(other, "Night watch").waitFor();
  await settings.goto(`${account.url}/settings/tags`);
  await settings.fill("#new-name", "storm");
  await settings.locator("form[action='/settings/tags'] .button-main").click();
  await place(other, "storm").waitFor();
  await place(one, "storm").waitFor();
  await settings.close();
  assert.equal(await other.evaluate(() => document.activeElement.getAttribute("href")), here, "the focus stays");
  assert.equal(await other.locator("#rail-places [aria-current=page]").getAttribute("href"), here, "where one is stays marked");
  await other.goto(`${account.url}/conversations`);
  say("a department and a tag came to both rails, and focus and place stayed");
}));

test("who was offline catches up, and misses nothing", told(async (say) => {
  await other.context().setOffline(true);
  await arrives("While you were away");
  await one.locator("#rows a", { hasText: "While you were away" }).waitFor();
  await other.locator("#offline:not([hidden])").waitFor({ timeout: 20_000 });
  say(`offline it says: “${(await other.locator("#offline").innerText()).trim()}”`);
  assert.equal(await other.locator("#rows a", { hasText: "While you were away" }).count(), 0);
  await other.context().setOffline(false);
  await other.locator("#rows a", { hasText: "While you were away" }).waitFor({ timeout: 20_000 });
  await other.locator("#offline[hidden]").waitFor({ state: "attached" });
  assert.equal(await other.locator("#rows li").count(), await one.locator("#rows li").count());
  say("online again: caught up, nothing doubled");
}));

test("what was typed survives a reload", told(async (say) => {
  await opened(other, "While you were away");
  await writes(other, "Half an answer");
  await until("the draft is kept", async () => (await other.locator(".composer-state").innerText()) !== "");
  await other.reload();
  await other.locator("form.is-answer trix-editor", { hasText: "Half an answer" }).waitFor();
  const editor = other.locator("form.is-answer trix-editor");
  const goesOn = async (text) => {
    await editor.click();
    await other.keyboard.press("Control+End");
    await other.keyboard.type(text);
  };
  // At once, without waiting for the draft to be kept: the tab has what the server had not when it drew the page.
  for (let at = 0; at < 5; at++) {
    await goesOn(` ${at}`);
    await other.reload();
    await other.locator("form.is-answer trix-editor", { hasText: `Half an answer${Array.from({ length: at + 1 }, (_, i) => ` ${i}`).join("")}` }).waitFor();
  }
  // And as one goes elsewhere.
  await goesOn(" and more");
  await other.goto(`${account.url}/search`);
  await other.goto(`${account.url}/conversations`);
  await opened(other, "While you were away");
  await other.locator("form.is-answer trix-editor", { hasText: "Half an answer 0 1 2 3 4 and more" }).waitFor();
  say("what is typed within a moment of the reload is there, five times out of five, and so it is after having gone elsewhere");
  // The server has it, too: another browser of the same person's shows it.
  const elsewhere = await signedIn(browser, account, "admin", "/conversations");
  await opened(elsewhere, "While you were away");
  await elsewhere.locator("form.is-answer trix-editor", { hasText: "Half an answer 0 1 2 3 4 and more" }).waitFor();
  await elsewhere.context().close();
  say("a draft kept as one types, and as one leaves");
}));

test("an answer half written stays when a note is sent at once", told(async () => {
  await arrives("Two things at once");
  await opened(other, "Two things at once");
  await writes(other, "An answer to come");
  await other.locator(".composer-tab.for-note").click();
  await other.locator("form.is-note textarea").fill("A note before it.");
  await other.locator("form.is-note [type=submit]").click();
  await other.locator(".message.note", { hasText: "A note before it." }).waitFor();
  await other.locator("form.is-answer trix-editor", { hasText: "An answer to come" }).waitFor();
}));

test("a new mail while one writes stops the sending and is shown first", told(async (say) => {
  await arrives("Twice");
  await opened(one, "Twice");
  await writes(one, "We look into it.");
  await one.locator("form.is-answer .button-main").click();
  await until("the answer has left", () => sink.mails.length === 1, LEAVES_MILLISECONDS_MAX);
  const ours = header(sink.mails[0].raw, "Message-ID");
  await opened(other, "Twice");
  await writes(other, "What we found");
  await arrives("Re: Twice", { "In-Reply-To": ours, References: ours });
  await other.locator(".composer-banner.is-wait:not([hidden])").waitFor();
  await other.locator("form.is-answer .button-main").click();
  assert.equal(await other.locator(".message[data-ours]").count(), 1, "not sent");
  say(`it says: “${(await other.locator(".composer-banner.is-wait").innerText()).replaceAll("\n", " ")}”`);
  await other.locator(".composer-banner button").click();
  await other.locator("form.is-answer .button-main").click();
  await other.locator(".message[data-ours]", { hasText: "What we found" }).waitFor();
  assert.equal(sink.mails.length, 1, "it can still be taken back");
}));

test("who logs out leaves nothing typed in the tab", told(async (say) => {
  const page = await signedIn(browser, account, "admin", "/conversations", { expects: ["ERR_FAILED"] });
  const stored = () => page.evaluate(() => JSON.stringify(sessionStorage));
  const out = () => page.locator("form[action='/logout']").evaluate((form) => form.requestSubmit());
  await opened(page, "Two things at once");
  await writes(page, " typed as the line broke");
  // The server does not get it.
  await page.route("**/draft", (route) => route.abort());
  await page.locator(".composer-state", { hasText: /./ }).waitFor();
  await page.keyboard.type(" again");
  await until("the tab has it", async () => (await stored()).includes("typed as the line broke"));
  await out();
  await page.locator(".entrance-card").waitFor();
  assert.equal((await stored()).includes("typed as"), false);
  await page.unroute("**/draft");
  // One who has just typed logs out: first the server gets it.
  await logIn(page, account, account.agents.find(({ role }) => role === "admin"));
  await opened(page, "Two things at once");
  await writes(page, " typed at last");
  await out();
  await page.locator(".entrance-card").waitFor();
  assert.equal((await stored()).includes("typed"), false);
  // What is old, or another's, goes with the next page.
  await page.evaluate(() => {
    sessionStorage.setItem("draft x /conversations/1/draft#answer", JSON.stringify({ at: Date.now(), fields: [["text", "another's"]] }));
  });
  await logIn(page, account, account.agents.find(({ role }) => role === "admin"));
  await until("another's is gone", async () => !(await stored()).includes("another's"));
  await page.evaluate(() => {
    const key = `draft ${document.body.dataset.liveMeValue} /conversations/1/draft#answer`;
    sessionStorage.setItem(key, JSON.stringify({ at: Date.now() - 31_000, fields: [["text", "an old one"]] }));
  });
  await page.reload();
  await until("what is old is gone", async () => !(await stored()).includes("an old one"));
  await opened(page, "Two things at once");
  await page.locator("form.is-answer trix-editor", { hasText: "typed at last" }).waitFor();
  await page.context().close();
  say("nothing typed stays in the tab after the log-out, and the server has what it could get");
}));

test("six tabs of one browser share one stream", told(async (say) => {
  const tabs = await Promise.all(Array.from({ length: 5 }, async () => {
    const tab = await one.context().newPage();
    await tab.goto(`${account.url}/conversations`);
    return tab;
  }));
  await arrives("For every tab");
  for (const tab of [one, ...tabs]) await tab.locator("#rows a", { hasText: "For every tab" }).waitFor();
  for (const tab of tabs) await tab.close();
  say("all six show the new mail");
}));

test("nothing complained", assertNoComplaints);
