import { Controller } from "@hotwired/stimulus";

const KEEP_AFTER_MILLISECONDS = 900;

// Answer and note: brings the editor when one starts to write, keeps the draft on the server as one types, and stops
// sending once when something new came in meanwhile.
export default class extends Controller {
  static targets = ["tab", "form", "text", "html", "state", "news", "submit", "files"];
  static values = { draft: String };

  connect() {
    this.leave = () => this.keep(true);
    this.arrival = (event) => this.arrived(event.target);
    document.addEventListener("visibilitychange", this.leave);
    document.addEventListener("entry:arrived", this.arrival);
    if (this.htmlTarget.value) this.start();
  }

  disconnect() {
    this.keep(true);
    document.removeEventListener("visibilitychange", this.leave);
    document.removeEventListener("entry:arrived", this.arrival);
  }

  get form() {
    const kind = this.tabTargets.find((tab) => tab.checked).value;
    return this.formTargets.find((form) => form.dataset.kind === kind);
  }

  turn() {
    requestAnimationFrame(() => this.form.querySelector("trix-editor, textarea:not([hidden])").focus());
  }

  async start() {
    this.element.dataset.begun = "";
    const text = this.textTargets[0];
    if (this.starts) return;
    this.starts = true;
    this.element.addEventListener("trix-change", () => this.write());
    // Gone back to, with the editor in it.
    if (text.hidden) return;
    const { replace } = await import(document.querySelector("meta[name=havn-editor]").content);
    await replace(text, this.htmlTarget);
  }

  write() {
    this.element.dataset.begun = "";
    this.changed = true;
    this.dispatch("write", { target: document });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(false), KEEP_AFTER_MILLISECONDS);
  }

  async keep(leaving) {
    if (!this.changed) return;
    this.changed = false;
    clearTimeout(this.timer);
    const body = new URLSearchParams([["kind", this.form.dataset.kind], ...texts(this.form)]);
    const kept = await fetch(this.draftValue, { method: "PUT", body, keepalive: leaving }).then((answer) => answer.ok, () => false);
    this.stateTarget.textContent = kept ? this.stateTarget.dataset.saved : this.stateTarget.dataset.failed;
    if (!kept) this.changed = true;
  }

  arrived(entry) {
    if (entry.matches(".message:not([data-ours])") && this.changed !== undefined) this.newsTarget.hidden = false;
  }

  // Read: the form now says so.
  read() {
    const newest = [...document.querySelectorAll(".entries > .message")].at(-1);
    for (const seen of this.element.querySelectorAll("[name=seen]")) seen.value = newest.id.replace("message-", "");
    newest.scrollIntoView({ block: "end" });
    this.newsTarget.hidden = true;
  }

  send(event) {
    if (!this.newsTarget.hidden) {
      event.preventDefault();
      return this.newsTarget.querySelector("button").focus();
    }
    clearTimeout(this.timer);
    this.changed = undefined;
  }
}

function texts(form) {
  return [...new FormData(form)].filter(([, value]) => typeof value === "string");
}
