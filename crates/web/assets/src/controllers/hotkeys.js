import { Controller } from "@hotwired/stimulus";

const SEQUENCE_MILLISECONDS = 1200;

// Presses the visible element that bears the key: data-hotkey="e", data-hotkey="g i". The page says what there is;
// this only listens.
export default class extends Controller {
  connect() {
    this.press = this.press.bind(this);
    document.addEventListener("keydown", this.press);
  }

  disconnect() {
    document.removeEventListener("keydown", this.press);
  }

  press(event) {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    if (event.ctrlKey || event.metaKey) return this.#withControl(event);
    if (writes(event.target) || document.querySelector("dialog[open]")) return;
    const keys = this.first && performance.now() - this.since < SEQUENCE_MILLISECONDS ? `${this.first} ${event.key}` : event.key;
    this.first = null;
    const target = find(keys);
    if (target) {
      event.preventDefault();
      act(target);
    } else if (event.key === "g") {
      this.first = "g";
      this.since = performance.now();
    } else {
      this.dispatch("key", { target: document, detail: { key: event.key, event } });
    }
  }

  #withControl(event) {
    if (event.key === "k") {
      event.preventDefault();
      document.getElementById("palette")?.showModal();
    }
    if (event.key === "Enter") {
      const form = event.target.closest("form");
      const submit = form?.querySelector("[type=submit]:not([formaction])");
      if (!submit) return;
      event.preventDefault();
      // The editor puts the last letters into the form at the next frame.
      requestAnimationFrame(() => form.requestSubmit(submit));
    }
  }
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
