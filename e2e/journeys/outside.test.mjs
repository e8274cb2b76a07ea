// The outside world of the demo: an answer arrives there, is answered as its reader, and lands in the same
// conversation; a mail to somebody who does not exist bounces.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertNoComplaints, launch, person, signedIn, told } from "../browser.mjs";
import { startDemo } from "../demo.mjs";

// An answer waits ten seconds before it leaves.
const LEAVES_MILLISECONDS_MAX = 60_000;
let demo, browser, account;

before(async () => {
  [demo, browser] = await Promise.all([startDemo("--empty"), launch()]);
  account = demo.accounts.find(({ slug }) => slug === "harbour");
});
after(async () => {
  await browser?.close();
  await demo?.end();
});

async function writesFromOutside(outside, from, subject) {
  await outside.goto(demo.outside.url);
  await outside.fill("[name=from]", from);
  await outside.fill("[name=to]", account.mailbox);
  await outside.fill("[name=subject]", subject);
  await outside.fill("[name=text]", "Is anybody there?");
  await outside.click("button");
}

async function answers(page, subject, text) {
  await page.locator("#rows a", { hasText: subject }).click();
  await page.locator(".conversation-head h1", { hasText: subject }).waitFor();
  await page.locator("form.is-answer textarea").focus();
  await page.locator("form.is-answer trix-editor").click();
  await page.keyboard.type(text);
  await page.locator("form.is-answer .button-main").click();
}

test("out, answered at the outside world's page, and back into the same conversation", told(async (say) => {
  const outside = await (await person(browser, { expects: ["404"] })).newPage();
  await writesFromOutside(outside, "kim@post.example", "From out there");
  const page = await signedIn(browser, account, "owner");
  await answers(page, "From out there", "Yes, we are here.");
  await page.locator(".delivery.is-ok").waitFor({ timeout: LEAVES_MILLISECONDS_MAX });
  await outside.goto(demo.outside.url);
  await outside.locator("a", { hasText: "From out there" }).click();
  assert.match(await outside.locator("pre").innerText(), /Yes, we are here\./);
  const raw = await (await outside.request.get(`${outside.url()}/raw`)).text();
  assert.match(raw, /^In-Reply-To: </im);
  assert.match(raw, /^DKIM-Signature:/im);
  const form = outside.locator("form");
  await form.locator("[name=text]").fill(`Glad to hear it.\n${await form.locator("[name=text]").inputValue()}`);
  await form.locator("button").click();
  await page.getByText("Glad to hear it.").last().waitFor();
  assert.equal(await page.locator("#rows a", { hasText: "From out there" }).count(), 1, "one conversation");
  assert.equal(await page.locator(".entries > .message").count(), 3);
  const verified = await page.locator(".message").last().locator(".shield-sign").innerText();
  assert.match(verified, /verified/i);
  say(`three letters in one conversation; of the last it says “${verified.trim()}”`);
  await page.context().close();
  await outside.context().close();
}));

test("who does not exist is told at the letter", told(async (say) => {
  const outside = await (await person(browser, { expects: ["404"] })).newPage();
  await writesFromOutside(outside, "nobody@post.example", "Answer me if you can");
  const page = await signedIn(browser, account, "owner");
  await answers(page, "Answer me if you can", "We try.");
  await page.locator(".delivery.is-bad").waitFor({ timeout: LEAVES_MILLISECONDS_MAX });
  say((await page.locator(".delivery.is-bad").innerText()).replaceAll("\n", " "));
  await page.context().close();
  await outside.context().close();
}));

test("nothing complained", assertNoComplaints);
