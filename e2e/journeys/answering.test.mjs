// A letter in, an answer out: live arrival, the composer, undo, states of delivery, threading, what is done with it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertNoComplaints, launch, person, signedIn, told, until } from "../browser.mjs";
import { startDemo } from "../demo.mjs";
import { header, newId, plainMail, sendMail, startSink } from "../mail.mjs";

// What a mail may take from its 250 to the open page, here where other things run beside it.
const ARRIVAL_MILLISECONDS_MAX = 20_000;
// An answer waits ten seconds before it leaves.
const LEAVES_MILLISECONDS_MAX = 60_000;
// How often bold is switched on and off.
const TIMES = 8;
let demo, browser, sink, account;

before(async () => {
  sink = await startSink((recipient) => ({ "nobody@post.example": "550 5.1.1 nobody of that name", "later@post.example": "451 4.7.1 come again later" })[recipient]);
  [demo, browser] = await Promise.all([startDemo("--empty", "--no-outside", "--relay", sink.address), launch()]);
  account = demo.accounts.find(({ slug }) => slug === "harbour");
});
after(async () => {
  await browser?.close();
  await demo?.end();
  sink?.end();
});

async function arrives(subject, { from = "ann@post.example", text = "Where is my tea?", ...more } = {}) {
  const raw = plainMail({ from: `Ann Arrow <${from}>`, to: account.mailbox, subject, text, ...more });
  await sendMail(demo.smtp, { from, to: account.mailbox, raw });
  return raw;
}

async function opened(page, subject) {
  await page.locator("#rows a", { hasText: subject }).click();
  await page.locator(".conversation-head h1", { hasText: subject }).waitFor();
}

// Writes into the editor; the text area becomes one when one starts to write.
async function writes(page, text) {
  const area = page.locator("form.is-answer textarea");
  if (await area.isVisible()) await area.focus();
  const editor = page.locator("form.is-answer trix-editor");
  await editor.waitFor();
  await editor.click();
  await page.keyboard.type(text);
}

const sends = (page) => page.locator("form.is-answer .button-main").click();

test("a mail is on the open page soon after its 250", told(async (say) => {
  const page = await signedIn(browser, account, "owner");
  const times = [];
  for (let at = 0; at < 5; at++) {
    await page.evaluate(() => {
      globalThis.came = new Promise((resolve) => new MutationObserver((_, observer) => (observer.disconnect(), resolve(Date.now()))).observe(document.querySelector("#rows"), { childList: true }));
    });
    await arrives(`Arrival ${at}`);
    const began = Date.now();
    times.push((await page.evaluate(() => globalThis.came)) - began);
    await page.locator("#rows a", { hasText: `Arrival ${at}` }).waitFor();
  }
  say(`from the 250 to the changed page: ${times.join(", ")} ms`);
  assert.ok(Math.max(...times) < ARRIVAL_MILLISECONDS_MAX);
  assert.equal(await page.locator("#count-open").innerText(), "5");
  await page.context().close();
}));

test("an answer with formatting and a file is taken back, sent, and threads at the reader's; their reply joins", told(async (say) => {
  const id = newId();
  await arrives("Broken teapot", { id });
  const page = await signedIn(browser, account, "owner");
  await opened(page, "Broken teapot");
  assert.match(await page.inputValue("form.is-answer [name=to]"), /ann@post\.example/);
  await writes(page, "We send a new one ");
  await page.keyboard.press("Control+b");
  await page.keyboard.type("today");
  await page.keyboard.press("Control+b");
  await page.locator("form.is-answer input[type=file]").setInputFiles({ name: "label.txt", mimeType: "text/plain", buffer: Buffer.from("Royal Mail 17") });
  await page.locator(".draft-file", { hasText: "label.txt" }).waitFor();
  await sends(page);
  await page.locator(".toast-undo").waitFor();
  say("sent; the page offers to take it back");
  await page.locator(".toast-undo button").click();
  await until("the letter is taken back", async () => (await page.locator(".message[data-ours]").count()) === 0);
  const editor = page.locator("form.is-answer trix-editor");
  await editor.getByText("We send a new one").waitFor();
  await page.locator(".draft-file", { hasText: "label.txt" }).waitFor();
  say("taken back: text and file are in the composer again");
  await sends(page);
  await page.locator(".message[data-ours]").waitFor();
  await page.locator(".delivery.is-ok").waitFor({ timeout: LEAVES_MILLISECONDS_MAX });
  assert.equal(sink.mails.length, 1, "what was taken back never left");
  const [mail] = sink.mails;
  assert.deepEqual(mail.recipients, ["ann@post.example"]);
  assert.equal(header(mail.raw, "In-Reply-To"), `<${id}>`);
  assert.match(header(mail.raw, "References"), new RegExp(id));
  assert.match(header(mail.raw, "Subject"), /^Re: Broken teapot$/);
  assert.match(mail.raw, /<strong>today<\/strong>/);
  assert.match(mail.raw, /Content-Type: text\/plain/i, "plain text beside it");
  assert.match(mail.raw, /label\.txt/);
  say(`at the sink: From ${header(mail.raw, "From")}, In-Reply-To and References right, DKIM ${header(mail.raw, "DKIM-Signature") ? "signed" : "not signed"}`);

  const answer = header(mail.raw, "Message-ID").slice(1, -1);
  await arrives("Re: Broken teapot", { text: "Thank you, it came!", "In-Reply-To": `<${answer}>`, References: `<${id}> <${answer}>` });
  await page.getByText("Thank you, it came!").last().waitFor();
  assert.equal(await page.locator("#rows a", { hasText: "Broken teapot" }).count(), 1, "the same conversation");
  say("the reader's reply appears in the same conversation, without reload");
  await page.context().close();
}));

test("who writes quickly loses neither letters nor formatting", told(async (say) => {
  await arrives("In a hurry");
  const page = await signedIn(browser, account, "owner");
  await opened(page, "In a hurry");
  await writes(page, "");
  for (let at = 0; at < TIMES; at++) {
    await page.keyboard.type(`plain${at} `);
    await page.keyboard.press("Control+b");
    await page.keyboard.type(`bold${at}`);
    await page.keyboard.press("Control+b");
    await page.keyboard.type(" ");
  }
  const expected = Array.from({ length: TIMES }, (_, at) => `plain${at} <strong>bold${at}</strong> `).join("").trim();
  const written = async () => (await page.inputValue("form.is-answer [name=html]")).replaceAll("&nbsp;", " ").replaceAll(/<\/?div>/g, "").trim();
  await until("the last letter is drawn", async () => (await written()).endsWith("</strong>"));
  assert.equal(await written(), expected);
  say(`bold switched on and off ${TIMES} times without a pause`);
  await page.context().close();
}));

test("the states of delivery are told in the page as they change", told(async (say) => {
  const page = await signedIn(browser, account, "owner");
  const cases = [["nobody@post.example", ".delivery.is-bad", /nobody of that name/], ["later@post.example", ".delivery.is-wait", /come again later/]];
  for (const [from, state, words] of cases) {
    const subject = `States for ${from}`;
    await arrives(subject, { from });
    await opened(page, subject);
    await writes(page, "An answer.");
    await sends(page);
    await page.locator(".delivery.is-quiet").first().waitFor();
    await page.locator(state).waitFor({ timeout: LEAVES_MILLISECONDS_MAX });
    const said = await page.locator(state).innerText();
    assert.match(said, words);
    say(`queued, then: ${said.replaceAll("\n", " ")}`);
  }
  await page.context().close();
}));

test("note, assign, tag, move, snooze, close, reopen, spam", told(async (say) => {
  await arrives("All that one does");
  const page = await signedIn(browser, account, "owner");
  await opened(page, "All that one does");
  const choose = async (key, item) => {
    await page.locator(`.conversation-head summary[data-hotkey=${key}]`).click();
    await page.locator(".conversation-head details[open] .menu-item", { hasText: item }).first().click();
  };
  await page.locator(".composer-tab.for-note").click();
  await page.locator("form.is-note textarea").fill("She rang, too.");
  await page.locator("form.is-note [type=submit]").click();
  await page.locator(".message.note", { hasText: "She rang, too." }).waitFor();
  await choose("a", "Priya");
  await page.locator(".event", { hasText: "Priya" }).waitFor();
  await page.locator(".conversation-head summary[data-hotkey=t]").click();
  await page.locator(".conversation-head details[open] [name=new]").fill("breakage");
  await page.keyboard.press("Enter");
  await page.locator(".conversation-head .tag", { hasText: "breakage" }).waitFor();
  await choose("d", "Trade");
  await page.locator(".event", { hasText: "Trade" }).waitFor();
  await choose("s", /./);
  await page.locator(".chip.is-wait").waitFor();
  await page.locator(".conversation-head form[action$='/closure'] button").click();
  await page.locator(".chip.is-ok").waitFor();
  await page.locator(".conversation-head form[action*='/closure?method=delete'] button").click();
  await page.locator(".chip").waitFor({ state: "detached" });
  await page.locator(".conversation-head summary[aria-label=More], .conversation-head .menu-end summary.button-icon").click();
  await page.locator(".conversation-head form[action$='/spam'] button").click();
  await page.locator(".chip.is-bad").waitFor();
  await page.locator(".conversation-head .menu-end summary.button-icon").click();
  await page.locator(".conversation-head form[action*='/spam?method=delete'] button").click();
  await page.locator(".chip").waitFor({ state: "detached" });
  const told = (await page.locator(".event").allInnerTexts()).map((line) => line.replaceAll("\n", " "));
  say(`the conversation tells: ${told.join(" · ")}`);
  assert.ok(told.length >= 8, told.join("\n"));
  assert.equal(sink.mails.filter(({ raw }) => raw.includes("She rang")).length, 0, "a note leaves nobody's desk");
  await page.context().close();
}));

test("many at once", told(async (say) => {
  const page = await signedIn(browser, account, "owner");
  for (const at of [0, 1, 2]) await page.locator("#rows li", { hasText: `Arrival ${at}` }).locator("input").check();
  await page.locator(".bulk [name=close]").click();
  await until("the three are gone", async () => (await page.locator("#rows li", { hasText: /Arrival [012]/ }).count()) === 0);
  await page.click(".rail-link[href*='status=closed']");
  await page.waitForFunction(() => document.querySelector("#rows")?.dataset.folder === "closed");
  assert.equal(await page.locator("#rows li", { hasText: /Arrival [012]/ }).count(), 3);
  say("three selected and closed by one button");
  await page.context().close();
}));

test("take the next one gives what has waited longest, once to each", told(async (say) => {
  await arrives("Waited long", { from: "long@post.example" });
  await arrives("Waited short", { from: "short@post.example" });
  const [one, other] = await Promise.all([signedIn(browser, account, "owner", "/conversations?status=unassigned"), signedIn(browser, account, "admin", "/conversations?status=unassigned")]);
  const taken = async (page) => {
    await page.keyboard.press(".");
    await page.waitForSelector(".conversation-head");
    await page.locator(".composer").waitFor();
    return page.locator(".conversation-head h1").innerText();
  };
  const [first, second] = [await taken(one), await taken(other)];
  say(`the first got “${first}”, the second “${second}”`);
  assert.notEqual(first, second);
  await one.context().close();
  await other.context().close();
}));

test("nothing complained", assertNoComplaints);
