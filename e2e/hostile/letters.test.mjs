// Hostile HTML by the real way (hardening A4, A5): mailed, cleaned, framed, and judged by a browser, with both walls,
// with the frame alone, and with the sanitiser alone. Whatever leaves the machine's own names is caught by a trap (but
// what the browser itself asks its maker).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { ask, startDemo } from "../demo.mjs";
import { mailOfParts, sendMail } from "../mail.mjs";

const FIXTURES = new URL("../../fixtures/hostile-html/", import.meta.url);
const PAYLOADS_PER_MAIL = 50;
// Of the long list the short run looks at one mail in so many; HOSTILE=full at all.
const SAMPLE_EVERY = 6;
const LETTERS_PER_PAGE = 24;
// What starts by itself has started by then.
const SETTLE_MILLISECONDS = 400;
// A frame that the browser has stopped does not answer.
const TOUCH_MILLISECONDS_MAX = 2_000;
const SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox";
// Every way to load something that is not in those lists, to names that the trap would hear of (A5).
const REMOTE = [
  `<img src="http://trap.example/1"><img srcset="http://trap.example/2 1x"><picture><source srcset="http://trap.example/3"><img></picture>`,
  `<style>@import url(http://trap.example/4); @font-face{font-family:f;src:url(http://trap.example/5)} p{font-family:f;background:url(http://trap.example/6)}</style><p>text</p>`,
  `<link rel=stylesheet href="http://trap.example/7"><link rel=prefetch href="http://trap.example/8"><link rel=preload as=image href="http://trap.example/9"><link rel=icon href="http://trap.example/10">`,
  `<svg><image href="http://trap.example/11"/><use href="http://trap.example/12#a"/><filter id=f><feImage href="http://trap.example/13"/></filter><rect width=9 height=9 filter="url(#f)"/></svg>`,
  `<video src="http://trap.example/14" poster="http://trap.example/15" autoplay></video><audio src="http://trap.example/16" autoplay></audio><object data="http://trap.example/17"></object><embed src="http://trap.example/18"><iframe src="http://trap.example/19"></iframe>`,
  `<base href="http://trap.example/"><img src="20"><meta http-equiv=refresh content="0;url=http://trap.example/21">`,
  `<table background="http://trap.example/22"><tr><td background="http://trap.example/23" style="background-image:url('http://trap.example/24')">x</table><input type=image src="http://trap.example/25"><body background="http://trap.example/26">`,
  `<div style="list-style-image:url(http://trap.example/27);border-image:url(http://trap.example/28) 1;cursor:url(http://trap.example/29),auto;content:url(http://trap.example/30)">x</div><img lowsrc="http://trap.example/31" dynsrc="http://trap.example/32">`,
];
let demo, account, browser, trap, reached, knocks = 0, letters, deskPolicy, filesOrigin, template, letterPolicy;

before(async () => {
  reached = [];
  trap = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (data) => (reached.push(named(data)), socket.end("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")));
    knocks++;
  });
  await new Promise((resolve) => trap.listen(0, "127.0.0.1", resolve));
  demo = await startDemo("--empty", "--no-outside");
  account = demo.accounts.find(({ slug }) => slug === "harbour");
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-features=LocalNetworkAccessChecks", `--host-resolver-rules=MAP * 127.0.0.1:${trap.address().port}, EXCLUDE *.localhost, EXCLUDE *.googleapis.com, EXCLUDE *.google.com, EXCLUDE *.gvt1.com`],
  });
  letters = await bring(payloads());
});
after(async () => {
  await browser?.close();
  await demo?.end();
  trap?.close();
});

// What a connection asked for: a line of HTTP, or the name in the greeting of TLS.
function named(data) {
  const text = data.toString("latin1");
  return data[0] === 22 ? `TLS for ${text.match(/[a-z0-9-]{3,}(\.[a-z0-9-]{2,})+/i)?.[0]}` : text.split("\r\n", 2).join(" ").slice(0, 120);
}

// Many lines to a mail; each case of the other list, whose pieces belong together, has one of its own.
function payloads() {
  const lines = readFileSync(new URL("xss-payload-list.txt", FIXTURES), "utf8").split("\n").filter(Boolean);
  const mails = [];
  for (let at = 0; at < lines.length; at += PAYLOADS_PER_MAIL) mails.push(lines.slice(at, at + PAYLOADS_PER_MAIL).map((line) => `<div>${line}</div>`).join("\n"));
  const cases = JSON.parse(readFileSync(new URL("dompurify-expect.json", FIXTURES), "utf8")).map(({ payload }) => payload);
  const shown = process.env.HOSTILE === "full" ? mails : mails.filter((_, at) => at % SAMPLE_EVERY === 0);
  console.log(`# ${lines.length} payloads, of ${mails.length} mails ${shown.length} are looked at; ${cases.length} cases and ${REMOTE.length} ways to load, each in a mail of its own`);
  return [...shown, ...cases, ...REMOTE];
}

// Mails them, and takes for each the address and the page of its letter from the desk.
async function bring(bodies) {
  const cookie = await logIn();
  const subjects = bodies.map((_, at) => `Hostile ${at}`);
  for (let at = 0; at < bodies.length; at += 10) {
    await Promise.all(bodies.slice(at, at + 10).map((body, i) => {
      const [from, to, subject] = [`h${at + i}@post.example`, account.mailbox, subjects[at + i]];
      return sendMail(demo.smtp, { from, to, raw: mailOfParts({ from, to, subject }, [{ type: "text/html; charset=utf-8", body }]) });
    }));
  }
  const found = new Map();
  for (let cursor = ""; cursor !== null; ) {
    const { text } = await ask(`${account.url}/api/v1/conversations?limit=100${cursor && `&cursor=${cursor}`}`, { headers: { authorization: `Bearer ${account.token}` } });
    const list = JSON.parse(text);
    for (const { id, subject } of list.items) found.set(subject, id);
    cursor = list.next_cursor;
  }
  const all = [];
  for (const [at, subject] of subjects.entries()) {
    const page = await ask(`${account.url}/conversations/${found.get(subject)}`, { headers: { cookie } });
    const address = page.text.match(/<iframe[^>]* src="([^"]+)"/)?.[1].replaceAll("&amp;", "&");
    // A mail of which nothing is left to show has no frame.
    if (!address) continue;
    assert.ok(page.text.includes(`sandbox="${SANDBOX}"`), "the frame's own attribute");
    deskPolicy = page.headers["content-security-policy"];
    filesOrigin = new URL(address).origin;
    const letter = await ask(address);
    assert.equal(letter.status, 200);
    letterPolicy = letter.headers["content-security-policy"];
    template ??= letter.text;
    all.push({ address, raw: bodies[at], page: letter.text });
  }
  console.log(`# ${all.length} letters; the frame's policy: ${letterPolicy}`);
  return all;
}

async function logIn() {
  const { email, password } = account.agents[0];
  const { headers } = await ask(`${account.url}/login`, { method: "POST", headers: { origin: account.url, "content-type": "application/x-www-form-urlencoded" }, body: new URLSearchParams({ email, password }).toString() });
  return headers["set-cookie"][0].split(";")[0];
}

const cleaned = (page) => page.slice(page.indexOf("<body>") + 6, page.lastIndexOf("<script>"));

// As a hand that goes over everything; gives the schemes of links that are none of a letter's.
function touch() {
  const kinds = ["mouseover", "mouseenter", "mousemove", "pointerover", "focus", "focusin", "toggle", "animationstart", "transitionend", "beforetoggle", "scroll", "wheel"];
  for (const element of document.querySelectorAll("*")) for (const kind of kinds) element.dispatchEvent(new Event(kind, { bubbles: true }));
  return [...document.querySelectorAll("a[href], area[href], [xlink\\:href]")].map((link) => link.protocol ?? "?").filter((protocol) => !["http:", "https:", "mailto:", "tel:", "sms:"].includes(protocol));
}

// Shows every letter as `address(letter, at)` says, in pages of many frames, and counts what happens. `serves` gives
// the answers to our own addresses that no server has.
async function judge({ from = letters, address, attributes, serves, policy }) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
  const seen = { ran: [], dialogs: [], scriptErrors: [], navigations: [], foreign: [], own: [], refused: 0, stopped: 0, popups: 0, links: [] };
  const expected = new Set();
  // In a sandbox `alert` is silent: what would call it says so here, in every frame, before anything else.
  await context.addInitScript(() => {
    for (const name of ["alert", "confirm", "prompt", "print", "open"]) globalThis[name] = (...what) => (console.log(`RAN ${name} ${what}`), null);
  });
  const pages = [];
  for (let at = 0; at < from.length; at += LETTERS_PER_PAGE) pages.push(from.slice(at, at + LETTERS_PER_PAGE).map((letter, i) => address(letter, at + i)));
  await context.route(`${account.url}/hostile/**`, (route) => {
    const frames = pages[Number(new URL(route.request().url()).pathname.split("/").at(-1))];
    const body = `<!doctype html><title>x</title>${frames.map((src) => `<iframe width=380 height=200 src="${src.replaceAll("&", "&amp;")}" ${attributes}></iframe>`).join("")}`;
    return route.fulfill({ contentType: "text/html; charset=utf-8", headers: policy ? { "content-security-policy": policy } : {}, body });
  });
  if (serves) await context.route(/\/(raw|bare)\/\d+$/, serves);
  const page = await context.newPage();
  context.on("page", () => seen.popups++);
  page.on("dialog", (dialog) => (seen.dialogs.push(dialog.message()), dialog.dismiss()));
  page.on("pageerror", (error) => seen.scriptErrors.push(error.message));
  page.on("console", (message) => (message.text().startsWith("RAN ") ? seen.ran.push(message.text()) : message.type() === "error" && seen.refused++));
  page.on("framenavigated", (frame) => {
    // The place of a navigation that was refused.
    if (frame.url() === "chrome-error://chromewebdata/") seen.stopped++;
    else if (!expected.has(frame.url()) && !["about:blank", "about:srcdoc"].includes(frame.url())) seen.navigations.push(frame.url());
  });
  // What failed was stopped before it left: the trap answers whatever leaves.
  const over = (request) => {
    const url = request.url();
    if (expected.has(url) || /^(data|blob|about):/.test(url)) return;
    (url.startsWith(account.url) || url.startsWith(filesOrigin) ? seen.own : seen.foreign).push(url.slice(0, 120));
  };
  page.on("requestfinished", over);
  page.on("requestfailed", () => seen.refused++);
  reached.length = 0;
  knocks = 0;
  for (const [number, frames] of pages.entries()) {
    const main = `${account.url}/hostile/${number}`;
    for (const url of [main, ...frames]) expected.add(url);
    await page.goto(main, { waitUntil: "load" });
    const touched = page.frames().map((frame) => Promise.race([frame.evaluate(touch).catch(() => []), new Promise((resolve) => setTimeout(resolve, TOUCH_MILLISECONDS_MAX, []))]));
    seen.links.push(...(await Promise.all(touched)).flat());
    await page.waitForTimeout(SETTLE_MILLISECONDS);
  }
  seen.reached = [...reached];
  // Connections, also those on which not one byte was said.
  seen.knocks = knocks;
  await context.close();
  return seen;
}

function told(t, name, seen) {
  const counts = Object.fromEntries(Object.entries(seen).map(([what, all]) => [what, Array.isArray(all) ? all.length : all]));
  t.diagnostic(`${name}: ${JSON.stringify(counts)}`);
  for (const what of ["ran", "dialogs", "scriptErrors", "navigations", "foreign", "reached", "own"]) if (seen[what].length) t.diagnostic(`${what}: ${[...new Set(seen[what])].slice(0, 8).join(" | ")}`);
}

const NOTHING = ["ran", "dialogs", "scriptErrors", "navigations", "foreign", "reached"];

function assertNothing(seen) {
  for (const what of NOTHING) assert.deepEqual([...new Set(seen[what])], [], what);
  assert.equal(seen.popups, 0, "popups");
}

test("the judge sees what runs and what leaves", async (t) => {
  const from = [`<img src=x onerror="alert(1)">`, `<img src="http://trap.example/control">`, `<a href="javascript:alert(1)">x</a>`];
  const seen = await judge({ from, address: (_, at) => `${account.url}/bare/${at}`, attributes: "", serves: (route) => route.fulfill({ contentType: "text/html", body: from[Number(route.request().url().split("/").at(-1))] }) });
  told(t, "without walls", seen);
  assert.ok(seen.ran.length >= 1, "a script that runs is seen");
  assert.ok(seen.reached.some((line) => line.includes("/control")), "a request that leaves is seen");
  assert.deepEqual(seen.links, ["javascript:"]);
});

test("both walls", async (t) => {
  const seen = await judge({ address: ({ address }) => address, attributes: `sandbox="${SANDBOX}" referrerpolicy="no-referrer"`, policy: deskPolicy });
  told(t, "both walls", seen);
  assertNothing(seen);
  assert.equal(seen.refused + seen.stopped, 0, "the sanitiser leaves nothing for the policy to refuse");
  assert.equal(seen.knocks, 0, "connections");
  assert.deepEqual([...new Set(seen.links)], [], "links of other schemes");
  assert.deepEqual(seen.own, [], "requests to ourselves");
});

test("the frame alone, the sanitiser off", async (t) => {
  const seen = await judge({
    address: (_, at) => `${filesOrigin}/raw/${at}`,
    attributes: `sandbox="${SANDBOX}" referrerpolicy="no-referrer"`,
    policy: deskPolicy,
    serves: (route) => {
      const { raw } = letters[Number(route.request().url().split("/").at(-1))];
      const body = template.slice(0, template.indexOf("<body>") + 6) + raw + template.slice(template.lastIndexOf("<script>"));
      return route.fulfill({ contentType: "text/html; charset=utf-8", headers: { "content-security-policy": letterPolicy }, body });
    },
  });
  told(t, "the frame alone", seen);
  // A policy does not keep the browser from opening a connection, without a byte on it, to the host of an <iframe> that
  // it then refuses: seen in `knocks`, and the reason why the frame alone is not enough.
  assertNothing(seen);
});

test("the sanitiser alone, no frame and no policy", async (t) => {
  const seen = await judge({
    address: (_, at) => `${account.url}/bare/${at}`,
    attributes: "",
    serves: (route) => {
      const { page } = letters[Number(route.request().url().split("/").at(-1))];
      return route.fulfill({ contentType: "text/html; charset=utf-8", body: `<!doctype html><meta charset=utf-8><body>${cleaned(page)}` });
    },
  });
  told(t, "the sanitiser alone", seen);
  assertNothing(seen);
  assert.equal(seen.knocks, 0, "connections");
  assert.deepEqual([...new Set(seen.links)], [], "links of other schemes");
  assert.deepEqual(seen.own, [], "requests to ourselves");
});
