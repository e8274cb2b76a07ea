import { Controller } from "@hotwired/stimulus";
import { renderStreamMessage } from "@hotwired/turbo";

const REMEMBERED_MAX = 500;
const RETRY_MILLISECONDS = [500, 1000, 2000, 5000, 10000];
const OFFLINE_AFTER_MILLISECONDS = 4000;

// One event stream for all tabs of the browser: whoever holds the lock listens and tells the others. Every tab keeps
// the number of the last event it has shown, so that each shows every event once, also after it was offline.
const tabs = new BroadcastChannel("havn-live");
let last = 0;
let url = null;
let listening = null;
let leads = false;
// Runs from the first failure; when it ends, all are told that the line is gone.
let late = null;
const remembered = [];
// What came after this number is all remembered.
let from = Infinity;

function show({ number, html }) {
  if (number <= last) return;
  last = number;
  renderStreamMessage(html);
}

function offline(is) {
  document.querySelector("[data-live-target=offline]")?.toggleAttribute("hidden", !is);
}

function listen(after, attempt = 0) {
  if (!(after >= from)) {
    remembered.length = 0;
    from = after;
  }
  listening?.close();
  const source = new EventSource(`${url}?after=${after}`);
  listening = source;
  lateFromNow();
  source.onopen = () => {
    attempt = 0;
    inTime();
    tell({ offline: false });
  };
  source.onmessage = (event) => {
    const told = { number: Number(event.lastEventId), html: event.data };
    remembered.push(told);
    if (remembered.length > REMEMBERED_MAX) from = remembered.shift().number;
    tell({ event: told });
  };
  // Who looks and who writes has no number: it is told once, to those who are there.
  source.addEventListener("presence", (event) => tell({ passing: event.data }));
  source.onerror = () => {
    source.close();
    lateFromNow();
    const wait = RETRY_MILLISECONDS[Math.min(attempt, RETRY_MILLISECONDS.length - 1)] * (0.75 + Math.random() / 2);
    setTimeout(() => source === listening && listen(newest(after), attempt + 1), wait);
  };
}

function lateFromNow() {
  late ??= setTimeout(() => tell({ offline: true }), OFFLINE_AFTER_MILLISECONDS);
}

function inTime() {
  clearTimeout(late);
  late = null;
}

// The browser says at once that the line is gone; the stream itself may stay silent for minutes.
addEventListener("offline", () => {
  if (!leads) return;
  inTime();
  listening?.close();
  listening = null;
  tell({ offline: true });
});
addEventListener("online", () => leads && listen(newest(last)));

const newest = (otherwise) => remembered.at(-1)?.number ?? otherwise;

function tell(message) {
  tabs.postMessage(message);
  hear(message);
}

function hear(message) {
  if (message.event) show(message.event);
  if (message.passing) renderStreamMessage(message.passing);
  if ("offline" in message) offline(message.offline);
  if (leads && "since" in message) catchUp(message.since);
}

// A tab says what it has seen: it gets what came after, from memory or, if that does not reach back, from the server.
function catchUp(since) {
  const reaches = since >= from;
  if (reaches) remembered.filter(({ number }) => number > since).forEach((event) => tell({ event }));
  else listen(since);
}

tabs.onmessage = ({ data }) => hear(data);

export default class extends Controller {
  static values = { url: String, after: Number };

  connect() {
    // The page may be one gone back to: it says up to where it was right, and what came since is shown again.
    last = this.afterValue;
    this.leave = () => (this.afterValue = last);
    document.addEventListener("turbo:before-cache", this.leave);
    if (url) return tell({ since: last });
    url = this.urlValue;
    tabs.postMessage({ since: last });
    navigator.locks.request("havn-live", () => {
      leads = true;
      listen(last);
      return new Promise(() => {});
    });
  }

  disconnect() {
    document.removeEventListener("turbo:before-cache", this.leave);
  }
}
