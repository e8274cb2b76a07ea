const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const formats = new Map();

// English is told as in Britain: the account's own days and hours, not America's.
const language = () => ({ en: "en-GB" })[document.documentElement.lang] ?? document.documentElement.lang;

function format(kind, make) {
  const key = `${language()} ${kind}`;
  if (!formats.has(key)) formats.set(key, make(language()));
  return formats.get(key);
}

const date = (kind, options) => format(kind, (language) => new Intl.DateTimeFormat(language, options));

// Tells a time in the reader's zone: short in rows, with the hour in letters; the whole of it on the title.
function tell(element) {
  const at = new Date(element.dateTime);
  const { soon } = element.dataset;
  const text = "long" in element.dataset ? long(at) : soon && at - Date.now() < MINUTE ? soon : short(at);
  if (element.textContent !== text) element.textContent = text;
  if (!element.title) element.title = date("full", { dateStyle: "full", timeStyle: "short" }).format(at);
}

function all(root) {
  if (root.matches?.("time")) tell(root);
  root.querySelectorAll?.("time").forEach(tell);
}

all(document);
setInterval(() => all(document), 30_000);
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) addedNodes.forEach(all);
}).observe(document.documentElement, { childList: true, subtree: true });

function short(at) {
  const now = new Date();
  const ago = now - at;
  const relative = format("ago", (language) => new Intl.RelativeTimeFormat(language, { style: "narrow", numeric: "auto" }));
  if (Math.abs(ago) < MINUTE) return relative.format(0, "second");
  if (ago > 0 && ago < HOUR) return span("minute", Math.floor(ago / MINUTE));
  if (ago > 0 && ago < 12 * HOUR) return span("hour", Math.floor(ago / HOUR));
  if (at.toDateString() === now.toDateString()) return date("hour", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
  if (Math.abs(ago) < 6 * DAY) return date("weekday", { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
  const year = at.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  return date(`day${now.getFullYear() - at.getFullYear()}`, { day: "numeric", month: "short", ...year }).format(at);
}

function long(at) {
  const near = Math.abs(Date.now() - at) < 300 * DAY;
  const options = near ? { weekday: "short", day: "numeric", month: "short" } : { day: "numeric", month: "long", year: "numeric" };
  return date(`long${near}`, { ...options, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}

// 12 min, 3 h.
function span(unit, count) {
  return format(`span ${unit}`, (language) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" })).format(count);
}
