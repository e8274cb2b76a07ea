// Log-in, the lists, a conversation and its letters, search, Danish, no script, a narrow screen.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertNoComplaints, launch, logIn, NARROW, person, signedIn, told, until } from "../browser.mjs";
import { ask, startDemo } from "../demo.mjs";
import { mailOfParts, plainMail, sendMail } from "../mail.mjs";

// 3 × 3 pixels, red.
const PICTURE = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAMAAAADCAIAAADZSiLoAAAAEElEQVR4nGP8z8AAQUzIHAAPAQEDxpIN0QAAAABJRU5ErkJggg==", "base64");
let demo, browser, harbour, nordlys;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  harbour = demo.accounts.find(({ slug }) => slug === "harbour");
  nordlys = demo.accounts.find(({ slug }) => slug === "nordlys");
});
after(async () => {
  await browser?.close();
  await demo?.end();
});

test("a wrong password is told without a hint, the right one leads to where one wanted to go", told(async (say) => {
  const page = await (await person(browser, { expects: ["422", "401"] })).newPage();
  const agent = harbour.agents[0];
  await page.goto(`${harbour.url}/conversations?status=mine`);
  assert.match(page.url(), /\/login\?next=/);
  await page.fill("[name=email]", agent.email);
  await page.fill("[name=password]", "coffee and cars");
  await page.click("[type=submit]");
  const wrong = await page.locator("[role=alert]").innerText();
  assert.equal(await page.inputValue("[name=email]"), agent.email, "what was typed stays");
  await page.fill("[name=email]", "nobody@harbour.example");
  await page.fill("[name=password]", "coffee and cars");
  await page.click("[type=submit]");
  assert.equal(await page.locator("[role=alert]").innerText(), wrong, "an unknown address is told the same");
  say(`wrong password: “${wrong.trim()}”`);
  await page.fill("[name=email]", agent.email);
  await page.fill("[name=password]", agent.password);
  await page.click("[type=submit]");
  await page.waitForURL(/\/conversations\?status=mine/);
  await page.click(".rail-me > summary");
  await page.click("form[action='/logout'] button");
  await page.waitForURL(/\/login/);
  await page.goto(`${harbour.url}/conversations`);
  assert.match(page.url(), /\/login/, "logged out");
  await page.context().close();
}));

test("lists: folders, counts, department, tag and pages stand in the URL", told(async (say) => {
  const page = await signedIn(browser, harbour, "owner");
  const folders = {};
  for (const folder of ["open", "mine", "unassigned", "snoozed", "closed", "spam"]) {
    await page.click(`.rail-link[href*="status=${folder}"]:not([href*=department]):not([href*=tag])`);
    await page.waitForURL(new RegExp(`status=${folder}`));
    await page.waitForFunction((folder) => document.querySelector("#rows")?.dataset.folder === folder, folder);
    folders[folder] = await page.locator("#rows > li").count();
  }
  assert.ok(folders.open > 5 && folders.closed > 0 && folders.spam > 0, JSON.stringify(folders));
  const counted = Number(await page.locator("#count-open").innerText());
  say(`folders ${JSON.stringify(folders)}, the rail counts ${counted} open`);
  assert.ok(counted >= folders.open);

  const department = page.locator(".rail-link[href*=department]").last();
  const inDepartment = Number(await department.locator(".count").innerText());
  await department.click();
  await page.waitForURL(/department=/);
  await until("the department's list is there", async () => (await page.locator("#rows > li").count()) === inDepartment);
  await page.reload();
  assert.equal(await page.locator("#rows > li").count(), inDepartment, "the URL bears it");
  const tag = page.locator(".rail-link[href*='tag=']").first();
  const name = (await tag.innerText()).trim();
  await tag.click();
  await page.waitForURL(/tag=/);
  await until("the tag's list is there", async () => (await page.locator("#list-title").innerText()) === name);
  for (const row of await page.locator("#rows > li").all()) assert.match(await row.innerText(), new RegExp(name, "i"));

  // Pages: enough mails for two.
  const [from, to] = ["many@post.example", harbour.mailbox];
  for (let at = 0; at < 60; at += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, i) => sendMail(demo.smtp, { from, to, raw: plainMail({ from, to, subject: `Many ${at + i}`, text: "One of many." }) })));
  }
  await page.goto(`${harbour.url}/conversations?status=open`);
  const first = await page.locator("#rows > li").first().getAttribute("id");
  await page.click(".pages [rel=next]");
  await page.waitForURL(/cursor=/);
  await page.reload();
  assert.equal(await page.locator(`#${first}`).count(), 0, "another page");
  await page.click(".pages [rel=prev]");
  await page.waitForSelector(`#${first}`);
  say("60 mails more make a second page, with its place in the URL");
  await page.context().close();
}));

const quoted = "On Monday, Ann wrote:";
function htmlMail(from, to) {
  const html = `<!doctype html><h1 style="color:#225">Your tea</h1><p>See the picture: <img src="cid:red@post.example" width="90" height="90" alt="red"></p>
    <p>${"A long letter. ".repeat(150)}</p><p id=last>Last line.</p>
    <div class="gmail_quote"><div class="gmail_attr">${quoted}<br></div><blockquote class="gmail_quote"><p>What we wrote before.</p></blockquote></div>`;
  return mailOfParts({ from, to, subject: "A letter with everything" }, [
    { type: "text/html; charset=utf-8", body: html },
    { type: "image/png", body: PICTURE, headers: ["Content-ID: <red@post.example>", "Content-Disposition: inline; filename=red.png"] },
    { type: "image/png", body: PICTURE, headers: ["Content-Disposition: attachment; filename=photo.png"] },
    { type: "text/html", body: "<script>alert(1)</script>", headers: ["Content-Disposition: attachment; filename*=utf-8''bl%C3%A5b%C3%A6r%22.html"] },
  ]);
}

test("an HTML letter stands in its frame as high as it is, quotes folded, pictures and files at hand", told(async (say) => {
  const [from, to] = ["Ann Letter <ann@post.example>", harbour.mailbox];
  await sendMail(demo.smtp, { from: "ann@post.example", to, raw: htmlMail(from, to) });
  const page = await signedIn(browser, harbour, "owner");
  await page.locator("#rows a", { hasText: "A letter with everything" }).click();
  await page.waitForSelector("iframe.letter-frame[data-fits]");
  const element = page.locator("iframe.letter-frame");
  const frame = await (await element.elementHandle()).contentFrame();
  assert.match(frame.url(), /-files\.localhost/, "on the host without cookies");
  const heights = async () => ({ frame: (await element.boundingBox()).height, content: await frame.evaluate(() => document.documentElement.getBoundingClientRect().height) });
  await until("the frame is as high as its content", async () => { const { frame, content } = await heights(); return Math.abs(frame - content) <= 2; });
  say(`frame and content: ${JSON.stringify(await heights())}`);
  assert.equal(await frame.evaluate(() => [document.cookie.length, location.origin === "null" || self.origin === "null"].join()).catch(() => "refused"), "refused");
  const picture = frame.locator("img[alt=red]");
  assert.ok(await until("the inline picture is loaded", () => picture.evaluate((image) => image.complete && image.naturalWidth === 3)));
  const fold = frame.locator("details");
  assert.equal(await fold.getAttribute("open"), null);
  const before = (await heights()).frame;
  await fold.locator("summary").click();
  assert.ok(await frame.getByText("What we wrote before.").isVisible());
  await until("the frame grows with the unfolded quote", async () => (await heights()).frame > before);

  const files = page.locator(".files .file");
  assert.equal(await files.count(), 2, "the inline picture is in the letter, not in the row");
  assert.ok(await page.locator(".file-preview").evaluate((image) => (image.scrollIntoView(), image.decode().then(() => image.naturalWidth === 3))), "a preview");
  const hostile = files.filter({ hasText: "html" });
  const answer = await ask(await hostile.getAttribute("href"));
  assert.match(answer.headers["content-disposition"], /^attachment; .*filename\*=utf-8''bl%C3%A5b%C3%A6r/i);
  assert.equal(answer.headers["x-content-type-options"], "nosniff");
  assert.doesNotMatch(answer.headers["content-type"], /html/);
  say(`an HTML file is served as ${answer.headers["content-type"]}, ${answer.headers["content-disposition"]}`);

  const [original] = await Promise.all([page.context().waitForEvent("page"), page.click("a[href$='/original']")]);
  await original.waitForLoadState();
  assert.match(await original.locator("body").innerText(), /Subject: A letter with everything/);
  await page.context().close();
}));

test("search finds a word, an order number, a name, and æøå", told(async (say) => {
  const [from, to] = ["Åse Ærøskøbing <aase@post.example>", nordlys.mailbox];
  await sendMail(demo.smtp, { from: "aase@post.example", to, raw: plainMail({ from: "=?utf-8?q?=C3=85se_=C3=86r=C3=B8sk=C3=B8bing?= <aase@post.example>", to, subject: "=?utf-8?q?R=C3=B8dgr=C3=B8d?=", text: "Ordre NC-778812: der mangler blåbærsyltetøj." }) });
  const page = await signedIn(browser, nordlys, "owner", "/conversations", { locale: "da-DK" });
  for (const words of ["rødgrød", "NC-778812", "Ærøskøbing", "blåbærsyltetøj", "aase@post.example"]) {
    await page.keyboard.press("/");
    await page.locator("html:not([aria-busy]) input[name=q]:focus").waitFor();
    await page.locator("input[name=q]").fill(words);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("q") === words);
    await page.locator("main a[href*='/conversations/']").first().waitFor();
    assert.match(await page.locator("main").innerText(), /Rødgrød/i, words);
    say(`“${words}” is found`);
    await page.locator("main h1, body").first().click({ position: { x: 1, y: 1 } }).catch(() => {});
    await page.evaluate(() => document.activeElement.blur());
  }
  await page.locator("main a[href*='/conversations/']").first().click();
  await page.waitForSelector(".conversation-head");
  assert.match(await page.locator(".conversation-head h1").innerText(), /Rødgrød/);
  await page.context().close();
}));

test("an agent who reads Danish meets Danish", told(async (say) => {
  const page = await signedIn(browser, nordlys, "owner");
  assert.equal(await page.getAttribute("html", "lang"), "da");
  const words = await page.locator(".rail").innerText();
  assert.match(words, /[æøå]/i);
  const english = await page.evaluate(() => document.body.innerText.match(/\b(Inbox|Unassigned|Closed|Search|Settings|Answer|Take the next)\b/g));
  assert.equal(english, null, "English words on a Danish page");
  await page.locator("#rows a").first().click();
  await page.waitForSelector(".conversation-head");
  const onConversation = await page.evaluate(() => document.querySelector(".composer").innerText.match(/\b(Answer|Note|Send|Attach)\b/g));
  assert.ok(!onConversation?.includes("Answer"), `English words in the composer: ${onConversation}`);
  say(`the rail says: ${words.replaceAll("\n", " · ").slice(0, 120)}`);
  await page.context().close();
}));

test("without script one logs in, reads, answers and closes", told(async (say) => {
  const [from, to] = ["plain@post.example", harbour.mailbox];
  await sendMail(demo.smtp, { from, to, raw: plainMail({ from, to, subject: "No script here", text: "Can you read this?" }) });
  const page = await signedIn(browser, harbour, "owner", "/conversations", { javaScriptEnabled: false });
  await page.locator("#rows a", { hasText: "No script here" }).click();
  await page.waitForURL(/\/conversations\/[0-9a-f-]+/);
  assert.ok(await page.getByText("Can you read this?").last().isVisible());
  await page.fill("form.is-answer textarea[name=text]", "Yes, without any script.");
  await page.locator("form.is-answer button[type=submit]:not([name])").first().click();
  await page.waitForURL(/\/conversations\/[0-9a-f-]+/);
  await page.getByText("Yes, without any script.").last().waitFor();
  await page.locator("form[action$='/closure'] button").click();
  await page.locator("form[action$='/closure?method=delete'] button").waitFor();
  say("logged in, read, answered, closed: forms only");
  await page.context().close();
}));

test("on a narrow screen the list gives way to the conversation, and going back keeps the place", told(async (say) => {
  const page = await signedIn(browser, harbour, "owner", "/conversations", { viewport: NARROW, isMobile: true, hasTouch: true });
  const rows = page.locator("#rows");
  const scrolled = () => page.evaluate(() => Math.max(document.querySelector("#rows").scrollTop, document.scrollingElement.scrollTop));
  const row = rows.locator("li").nth(24);
  await row.scrollIntoViewIfNeeded();
  const place = await scrolled();
  assert.ok(place > 200, `scrolled ${place}`);
  await row.locator("a").tap();
  await page.waitForSelector(".conversation-head");
  assert.equal(await rows.isVisible(), false, "one pane at a time");
  await page.locator(".back").tap();
  await rows.waitFor();
  await until("the list is where it was", async () => Math.abs((await scrolled()) - place) < 40);
  say(`scrolled to ${place} px, there and back again: ${await scrolled()} px`);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, "nothing is wider than the screen");
  await page.context().close();
}));

test("nothing complained", assertNoComplaints);
