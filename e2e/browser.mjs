// Browsers to use a demo with. Whatever a page complains of (console errors, broken policy, script errors) is kept
// in `complaints`, and a test file ends with `assertNoComplaints`.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const PICTURES = process.env.E2E_PICTURES ?? join(tmpdir(), "havn-e2e-failures");
// Long: it matters only where something fails, and a machine may have much else to do.
export const WAIT_MILLISECONDS_MAX = 30_000;
// So many times slower than it is the browser's pages run.
const SLOWER = Number(process.env.E2E_SLOWER ?? 1);
export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 360, height: 740 };
export const complaints = [];

const open = new Set();

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

// A browser of one person's own: cookies and storage apart from all others. `expects` are texts of complaints that
// the test brings about on purpose.
export async function person(browser, options = {}) {
  const { expects = [], ...context } = options;
  const own = await browser.newContext({ viewport: WIDE, timezoneId: "Europe/Copenhagen", locale: "en-GB", ...context });
  own.setDefaultTimeout(WAIT_MILLISECONDS_MAX);
  own.on("page", (page) => listen(page, expects));
  open.add(own);
  own.on("close", () => open.delete(own));
  if (SLOWER > 1) own.on("page", (page) => slow(own, page).catch(() => {}));
  return own;
}

async function slow(own, page) {
  const session = await own.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
}

function listen(page, expects) {
  const complain = (text) => expects.some((expected) => text.includes(expected)) || complaints.push(`${page.url()}: ${text}`);
  page.on("console", (message) => message.type() === "error" && complain(message.text()));
  page.on("pageerror", (error) => complain(`script error: ${error.stack ?? error.message}`));
  page.on("crash", () => complain("the page crashed"));
}

export async function logIn(page, account, agent, path = "/conversations") {
  await page.goto(`${account.url}/login?next=${encodeURIComponent(path)}`);
  await page.fill("[name=email]", agent.email);
  await page.fill("[name=password]", agent.password);
  await page.click(".entrance-card [type=submit]");
  await page.waitForSelector("body.desk");
}

// A new browser in which an agent has logged in, at a page.
export async function signedIn(browser, account, role, path, options) {
  const own = await person(browser, options);
  const page = await own.newPage();
  await logIn(page, account, account.agents.find((agent) => agent.role === role || agent.email.startsWith(role)), path);
  return page;
}

export function assertNoComplaints() {
  assert.deepEqual(complaints, [], "console errors, broken policy, script errors");
  console.log("# no console error, no policy violation, no script error");
}

// Waits until what `ask` gives is true.
export async function until(what, ask, milliseconds = WAIT_MILLISECONDS_MAX) {
  const end = performance.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    assert.ok(performance.now() < end, `waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

// Wraps a test: says what is done, and if it fails, what each open page looked like.
export function told(journey) {
  return async (t) => {
    const began = performance.now();
    try {
      await journey((text) => t.diagnostic(text));
      t.diagnostic(`took ${((performance.now() - began) / 1000).toFixed(1)} s`);
    } catch (error) {
      mkdirSync(PICTURES, { recursive: true });
      let number = 0;
      for (const page of [...open].flatMap((context) => context.pages())) {
        const path = join(PICTURES, `${t.name.replaceAll(/[^a-z0-9]+/gi, "-")}-${++number}.png`);
        await page.screenshot({ path, timeout: 3_000 }).then(() => t.diagnostic(`${page.url()} looked like ${path}`), () => {});
      }
      throw error;
    }
  };
}
