import { Controller } from "@hotwired/stimulus";
import { during } from "../busy.js";
import { end, forget, isLogOut, kept, left, remember } from "../drafts.js";

const KEEP_AFTER_MILLISECONDS = 900;
const KEEP_MILLISECONDS_MAX = 10_000;

// Answer and note: brings the editor when one starts to write, keeps the draft on the server as one types, and stops
// sending once when something new came in meanwhile.
export default class extends Controller {
  static targets = ["tab", "form", "text", "html", "state", "news", "submit", "files"];
  static values = { draft: String };

  connect() {
    // The forms with what the server has not got yet.
    this.changed = new Set();
    this.keeps = Promise.resolve();
    this.leave = () => document.visibilityState === "hidden" && this.keep(true);
    this.arrival = (event) => this.arrived(event.target);
    this.logOut = (event) => isLogOut(event.target) && this.changed.size > 0 && this.keepFirst(event);
    document.addEventListener("visibilitychange", this.leave);
    document.addEventListener("entry:arrived", this.arrival);
    document.addEventListener("submit", this.logOut, true);
    this.element.addEventListener("turbo:submit-end", ({ target, detail }) => detail.error && this.write({ target }));
    for (const form of this.formTargets) if (left(this.draftValue, form)) this.write({ target: form });
    if (this.htmlTarget.value) this.start();
  }

  disconnect() {
    this.keep(true);
    document.removeEventListener("visibilitychange", this.leave);
    document.removeEventListener("entry:arrived", this.arrival);
    document.removeEventListener("submit", this.logOut, true);
  }

  turn() {
    const kind = this.tabTargets.find((tab) => tab.checked).value;
    const field = this.formTargets.find((form) => form.dataset.kind === kind).querySelector("trix-editor, textarea:not([hidden])");
    field.focus();
    // At the end of what is there.
    if (field.selectionEnd === 0) field.setSelectionRange(field.value.length, field.value.length);
  }

  async start() {
    this.element.dataset.begun = "";
    const text = this.textTargets[0];
    if (this.starts) return;
    this.starts = true;
    // Gone back to, with the editor in it, it need not come again.
    if (!text.hidden) {
      const { replace } = await import(document.querySelector("meta[name=havn-editor]").content);
      await replace(text, this.htmlTarget);
    }
    this.element.addEventListener("trix-change", (event) => this.write(event));
  }

  // All of the letter that is answered get a copy.
  all({ target }) {
    const { dataset } = target.closest("button");
    const form = target.closest("form");
    const { cc } = form.elements;
    cc.value = [cc.value, dataset.others].filter(Boolean).join(", ");
    cc.closest("details").open = true;
    target.closest("p").remove();
    cc.focus();
    this.write({ target: form });
  }

  write({ target }) {
    this.element.dataset.begun = "";
    this.changed.add(target.closest("form"));
    this.wrote = true;
    this.dispatch("write", { target: document });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(false), KEEP_AFTER_MILLISECONDS);
  }

  // One after the other, so that no older text comes after a newer one; who leaves cannot wait for that.
  keep(leaving) {
    clearTimeout(this.timer);
    for (const form of this.changed) {
      const fields = texts(form);
      const text = remember(this.draftValue, form, fields);
      const put = () => this.put(form, new URLSearchParams(fields), leaving).then((is) => is && kept(this.draftValue, form, text));
      this.keeps = leaving ? put() : this.keeps.then(put);
    }
    this.changed.clear();
    return this.keeps;
  }

  async put(form, body, leaving) {
    body.set("kind", form.dataset.kind);
    const signal = AbortSignal.timeout(KEEP_MILLISECONDS_MAX);
    const is = await fetch(this.draftValue, { method: "PUT", body, keepalive: leaving, signal }).then((answer) => answer.ok, () => false);
    this.stateTarget.textContent = is ? this.stateTarget.dataset.saved : this.stateTarget.dataset.failed;
    if (!is) this.changed.add(form);
    return is;
  }

  // The server gets what was typed while it still knows from whom.
  keepFirst(event) {
    event.preventDefault();
    this.keep(false).finally(() => (end(), event.target.submit()));
  }

  arrived(entry) {
    if (entry.matches(".message:not([data-ours])") && this.wrote) this.newsTarget.hidden = false;
  }

  // Read: the form now says so.
  read() {
    const newest = [...document.querySelectorAll(".entries > .message")].at(-1);
    for (const seen of this.element.querySelectorAll("[name=seen]")) seen.value = newest.id.replace("message-", "");
    newest.scrollIntoView({ block: "end" });
    this.newsTarget.hidden = true;
  }

  // The answer to what is sent brings the composer anew, from what the server has: first it gets the rest, and no
  // draft of what is sent comes after it.
  send(event) {
    const { target: form, submitter } = event;
    // A file that is taken off goes its own way.
    if (form === this.sends || submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    if (!this.newsTarget.hidden) return this.newsTarget.querySelector("button").focus();
    if (this.waits) return;
    this.waits = true;
    this.changed.delete(form);
    // What is pressed from now on is for the page, not for a form that goes.
    document.activeElement.blur();
    // A form cannot be sent again while it tells that it is sent.
    const told = new Promise((done) => setTimeout(done));
    during(Promise.all([this.keep(false), told])).then(() => this.go(form, submitter));
  }

  go(form, submitter) {
    this.waits = false;
    if (!form.isConnected) return;
    this.changed.delete(form);
    forget(this.draftValue, form);
    this.sends = form;
    form.requestSubmit(submitter);
    this.sends = null;
  }
}

function texts(form) {
  return [...new FormData(form)].filter(([, value]) => typeof value === "string");
}
