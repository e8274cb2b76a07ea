import { Controller } from "@hotwired/stimulus";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const shown = new Set();
const formats = new Map();

// One clock for all times of the page.
setInterval(() => shown.forEach((one) => one.tell()), 30_000);

function format(kind, make) {
  const key = `${document.documentElement.lang} ${kind}`;
  if (!formats.has(key)) formats.set(key, make(document.documentElement.lang));
  return formats.get(key);
}

const date = (kind, options) => format(kind, (language) => new Intl.DateTimeFormat(language, options));

// Tells a time in the reader's zone: short in rows, with the hour in letters; the whole of it on the title.
export default class extends Controller {
  connect() {
    this.at = new Date(this.element.dateTime);
    this.element.title = date("full", { dateStyle: "full", timeStyle: "short" }).format(this.at);
    shown.add(this);
    this.tell();
  }

  disconnect() {
    shown.delete(this);
  }

  tell() {
    const text = "long" in this.element.dataset ? this.long() : this.short();
    if (this.element.textContent !== text) this.element.textContent = text;
  }

  short() {
    const now = new Date();
    const ago = now - this.at;
    const relative = format("ago", (language) => new Intl.RelativeTimeFormat(language, { style: "narrow", numeric: "auto" }));
    if (Math.abs(ago) < MINUTE) return relative.format(0, "second");
    if (ago > 0 && ago < HOUR) return span("minute", Math.floor(ago / MINUTE));
    if (ago > 0 && ago < 12 * HOUR) return span("hour", Math.floor(ago / HOUR));
    if (this.at.toDateString() === now.toDateString()) return date("hour", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(this.at);
    if (Math.abs(ago) < 6 * DAY) return date("weekday", { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(this.at);
    const year = this.at.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
    return date(`day${now.getFullYear() - this.at.getFullYear()}`, { day: "numeric", month: "short", ...year }).format(this.at);
  }

  long() {
    const near = Math.abs(Date.now() - this.at) < 300 * DAY;
    const options = near ? { weekday: "short", day: "numeric", month: "short" } : { day: "numeric", month: "long", year: "numeric" };
    return date(`long${near}`, { ...options, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(this.at);
  }
}

// 12 min, 3 h.
function span(unit, count) {
  return format(`span ${unit}`, (language) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" })).format(count);
}
