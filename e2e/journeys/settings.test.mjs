// An admin sets the account up in the browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertNoComplaints, launch, person, signedIn, told, until } from "../browser.mjs";
import { ask, startDemo } from "../demo.mjs";
import { plainMail, sendMail, startSink } from "../mail.mjs";

// A key of 2048 bits is long in the making by a program built for debugging.
const KEY_MILLISECONDS_MAX = 60_000;
let demo, browser, sink, account, page;

before(async () => {
  sink = await startSink();
  [demo, browser] = await Promise.all([startDemo("--empty", "--no-outside", "--relay", sink.address), launch()]);
  account = demo.accounts.find(({ slug }) => slug === "harbour");
  page = await signedIn(browser, account, "owner", "/settings/account", { expects: ["422"] });
});
after(async () => {
  await browser?.close();
  await demo?.end();
  sink?.end();
});

const goTo = (section) => page.goto(`${account.url}/settings/${section}`);
const adds = (section) => page.locator(`form[action="/settings/${section}"] .button-main`).click();

test("a department, and a mailbox that receives at once", told(async (say) => {
  await goTo("departments");
  await page.fill("#new-name", "Returns");
  await page.fill("#new-signature", "Your returns desk");
  await adds("departments");
  await page.locator(".line-name", { hasText: "Returns" }).waitFor();
  await goTo("mailboxes");
  await page.fill("#new-address", "returns@harbour.example");
  await page.selectOption("#new-department", { label: "Returns" });
  await adds("mailboxes");
  await page.locator("tr", { hasText: "returns@harbour.example" }).waitFor();
  const [from, to] = ["ann@post.example", "returns@harbour.example"];
  await sendMail(demo.smtp, { from, to, raw: plainMail({ from, to, subject: "Back to you", text: "It does not fit." }) });
  await page.locator(".rail-link", { hasText: "Returns" }).click();
  await page.locator("#rows a", { hasText: "Back to you" }).waitFor();
  say("a mail to the new mailbox stands in the new department");
}));

test("a flaw in a form is told at its field, and what was typed stays", told(async (say) => {
  await goTo("mailboxes");
  await page.fill("#new-address", "support@harbour.example");
  await adds("mailboxes");
  await page.locator(".wrong, .caution.is-bad").first().waitFor();
  assert.equal(await page.inputValue("#new-address"), "support@harbour.example");
  say(`it says: “${(await page.locator(".wrong, .caution.is-bad").first().innerText()).trim()}”`);
}));

test("the relay, with a test mail", told(async (say) => {
  await goTo("relay");
  const [host, port] = sink.address.split(":");
  await page.fill("#host", host);
  await page.fill("#port", port);
  await page.selectOption("#tls", "none");
  await page.locator("form[action='/settings/relay'] .button-main").click();
  await page.waitForLoadState("networkidle");
  await page.fill("#test-to", "tester@post.example");
  await page.locator("form[action='/settings/relay/test'] button").click();
  await until("the test mail is at the relay", () => sink.mails.find(({ recipients }) => recipients.includes("tester@post.example")));
  say("the test mail is at the relay");
}));

test("the way out: straight, and back to the relay", told(async (say) => {
  const choose = async (way) => {
    await page.selectOption("#way", way);
    await page.locator("form[action='/settings/relay/way'] .button-main").click();
    await page.waitForLoadState("networkidle");
    await goTo("relay");
    assert.equal(await page.inputValue("#way"), way);
  };
  await goTo("relay");
  assert.equal(await page.inputValue("#way"), "relay");
  await choose("straight");
  say(`it says: “${(await page.locator("#way-hint").innerText()).trim()}”`);
  await choose("relay");
  assert.equal(await page.locator("#way-hint").count(), 0);
}));

test("a domain's DKIM record is shown and checked", told(async (say) => {
  await goTo("domains");
  await page.fill("#new-name", "tea.example");
  await adds("domains");
  const card = page.locator("section.card", { hasText: "tea.example" });
  await card.waitFor({ timeout: KEY_MILLISECONDS_MAX });
  const record = await card.locator("code.copyable").allInnerTexts();
  assert.match(record[0], /_domainkey\.tea\.example/);
  assert.match(record[1], /^v=DKIM1;.*p=/);
  await card.locator("form[action$='/check'] button").click();
  await card.locator(".chip.is-wait, .chip.is-bad, .chip.is-ok").waitFor();
  say(`${record[0]} TXT ${record[1].slice(0, 40)}…; checked: ${(await card.locator(".chip").innerText()).trim()}`);
}));

test("a tag", told(async () => {
  await goTo("tags");
  await page.fill("#new-name", "urgent");
  await adds("tags");
  await page.locator(".line-item", { hasText: "urgent" }).waitFor();
  await page.locator(".rail-link", { hasText: "urgent" }).waitFor();
}));

test("an agent comes by an invitation, and sees their department only", told(async (say) => {
  await goTo("agents");
  await page.fill("#new-email", "newcomer@harbour.example");
  const all = page.locator("form[action='/settings/agents'] [name=all_departments]");
  if (await all.isChecked()) await all.uncheck();
  await page.locator("form[action='/settings/agents'] label.check", { hasText: "Returns" }).locator("input").check();
  await adds("agents");
  const link = (await page.locator(".secret code, code.copyable").first().innerText()).trim();
  assert.match(link, /\/invitations\//);
  const theirs = await (await person(browser)).newPage();
  await theirs.goto(link);
  await theirs.fill("[name=name]", "Nora Newcomer");
  await theirs.fill("[name=password]", "a long enough sentence");
  await theirs.click("[type=submit]");
  await theirs.waitForSelector("body.desk");
  const rail = await theirs.locator(".rail").innerText();
  assert.match(rail, /Returns/);
  assert.doesNotMatch(rail, /Customer care|Settings/);
  await theirs.locator("#rows a", { hasText: "Back to you" }).waitFor();
  const again = await (await person(browser, { expects: ["404", "410"] })).newPage();
  assert.ok((await again.goto(link)).status() >= 400, "an invitation is taken up once");
  say("taken up in a second browser; the link works once");
  await theirs.context().close();
  await again.context().close();
}));

test("an API token works until it is taken away", told(async (say) => {
  await goTo("tokens");
  await page.fill("#new-name", "Reports");
  await page.selectOption("#new-scope", "read");
  await adds("tokens");
  const token = (await page.locator(".secret code").innerText()).trim();
  const headers = { authorization: `Bearer ${token}` };
  const list = await ask(`${account.url}/api/v1/conversations?limit=5`, { headers });
  assert.equal(list.status, 200);
  assert.ok(JSON.parse(list.text).items.some(({ subject }) => subject === "Back to you"));
  const { id } = JSON.parse(list.text).items[0];
  const write = await ask(`${account.url}/api/v1/conversations/${id}/notes`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify({ text: "no" }) });
  assert.equal(write.status, 403, "it only reads");
  await goTo("tokens");
  await page.locator("tr", { hasText: "Reports" }).locator("form button").click();
  await page.locator("#confirmation[open] [value=yes]").click();
  await page.locator("tr", { hasText: "Reports" }).waitFor({ state: "detached" });
  assert.equal((await ask(`${account.url}/api/v1/conversations`, { headers })).status, 401);
  say("reads with 200, writes with 403, and after its end 401");
}));

test("ending the other sessions ends their open pages, too", told(async (say) => {
  const other = await signedIn(browser, account, "owner", "/conversations", { expects: ["401", "403", "net::ERR"] });
  await page.goto(`${account.url}/me`);
  await page.locator("form[action^='/me/sessions?'] button").click();
  await page.waitForLoadState("networkidle");
  const began = performance.now();
  await other.locator("#rows").waitFor();
  await other.click(".rail-link[href*='status=closed']");
  await other.waitForURL(/\/login/);
  say(`the other browser stands at the log-in after ${Math.round(performance.now() - began)} ms`);
  await page.reload();
  assert.match(page.url(), /\/me/, "one's own session goes on");
  await other.context().close();
}));

test("nothing complained", assertNoComplaints);
