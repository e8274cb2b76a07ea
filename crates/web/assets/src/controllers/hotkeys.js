import { Controller } from "@hotwired/stimulus";
import { busy } from "../busy.js";

const SEQUENCE_MILLISECONDS = 1200;
// Keys that wait longer than this for the page are forgotten.
const HELD_MILLISECONDS_MAX = 5000;
// What goes on while the page is busy: up and down the list, selecting, scrolling.
const AT_ONCE = "jkx ";

// Keys for the page that is about to come.
let held = [];

// Presses the visible element that bears the key: data-hotkey="e", data-hotkey="g i". The page says what there is;
// this only listens. A key that comes while the page changes waits for what it was meant for.
export default class extends Controller {
  connect() {
    this.press = this.press.bind(this);
    this.release = this.release.bind(this);
    document.addEventListener("keydown", this.press);
    document.addEventListener("busy:over", this.release);
  }

  disconnect() {
    document.removeEventListener("keydown", this.press);
    document.removeEventListener("busy:over", this.release);
  }

  press(event) {
    const { key, target, altKey } = event;
    const control = event.ctrlKey || event.metaKey;
    if (event.defaultPrevented || event.isComposing || altKey) return;
    if (held.length > 0 && (key.length === 1 || key === "Enter")) return hold(event, control);
    if (control) return this.#withControl(key, target) && event.preventDefault();
    if (writes(target) || document.querySelector("dialog[open]")) return;
    if (key.length === 1 && !AT_ONCE.includes(key) && busy()) return hold(event, control);
    if (this.#act(key, target)) event.preventDefault();
  }

  async release() {
    while (held.length > 0 && !busy()) {
      this.#again(held.shift());
      // What this begins makes the page busy in a moment.
      await new Promise((done) => setTimeout(done));
    }
  }

  // The page that came may have a field to write in: then it was meant for that.
  #again({ key, control }) {
    const on = document.activeElement;
    if (control) this.#withControl(key, on);
    else if (key === "Enter") on.matches("input") ? on.form.requestSubmit() : on.click();
    else if (writes(on)) document.execCommand("insertText", false, key);
    else this.#act(key, on);
  }

  #act(key, on) {
    const keys = this.first && performance.now() - this.since < SEQUENCE_MILLISECONDS ? `${this.first} ${key}` : key;
    this.first = null;
    const target = find(keys);
    if (target) act(target);
    else if (key === "g") [this.first, this.since] = ["g", performance.now()];
    else this.dispatch("key", { target: document, detail: { key, on } });
    return Boolean(target);
  }

  #withControl(key, on) {
    if (key === "k") document.getElementById("palette")?.showModal();
    const form = key === "Enter" && on.closest("form");
    const submit = form && form.querySelector("[type=submit]:not([formaction])");
    if (submit) form.requestSubmit(submit);
    return key === "k" || Boolean(submit);
  }
}

function hold(event, control) {
  event.preventDefault();
  const one = { key: event.key, control };
  held.push(one);
  setTimeout(() => (held = held.filter((other) => other !== one)), HELD_MILLISECONDS_MAX);
}

// What is seen goes first; what a closed menu holds can be pressed too.
function find(keys) {
  const all = [...document.querySelectorAll(`[data-hotkey="${CSS.escape(keys)}"]`)];
  return all.find((one) => one.checkVisibility({ visibilityProperty: true })) ?? all.find((one) => one.matches(".menu-sheet *"));
}

function act(target) {
  if (target.matches("summary")) {
    target.parentElement.open = true;
    const first = target.parentElement.querySelector(".menu-sheet :is(button, a, input)");
    return first?.focus();
  }
  target.click();
  if (target.matches("input:not([type=radio]), textarea")) target.focus();
}

function writes(element) {
  return element.closest("textarea, select, trix-editor, [contenteditable], input:not([type=checkbox], [type=radio])") !== null;
}
