import { Controller } from "@hotwired/stimulus";

// Up and down the list, selecting, and what is new above.
export default class extends Controller {
  static targets = ["rows", "bulk", "count", "news"];

  connect() {
    this.new = 0;
    this.onKey = (event) => this.key(event.detail);
    this.onFrame = () => this.mark();
    this.onArrival = () => this.arrived();
    document.addEventListener("hotkeys:key", this.onKey);
    document.addEventListener("turbo:frame-load", this.onFrame);
    this.element.addEventListener("list:arrived", this.onArrival);
    this.element.addEventListener("change", () => this.counted());
    this.element.addEventListener("reset", () => setTimeout(() => this.counted()));
    this.rowsTarget.addEventListener("scroll", () => this.rowsTarget.scrollTop < 8 && this.seen(), { passive: true });
    this.leave = () => (this.rowsTarget.dataset.scroll = this.rowsTarget.scrollTop);
    document.addEventListener("turbo:before-cache", this.leave);
    this.mark();
    // Gone back to: as it was left.
    if (this.rowsTarget.dataset.scroll) this.rowsTarget.scrollTop = this.rowsTarget.dataset.scroll;
  }

  disconnect() {
    document.removeEventListener("turbo:before-cache", this.leave);
    document.removeEventListener("hotkeys:key", this.onKey);
    document.removeEventListener("turbo:frame-load", this.onFrame);
  }

  key({ key, on }) {
    const rows = [...this.rowsTarget.children];
    if (key === "j" || key === "k") this.move(rows, key === "j" ? 1 : -1);
    if (key === "x") this.current(rows)?.querySelector("input").click();
    if (key === "Enter" && on === document.body) this.current(rows)?.querySelector("a").click();
  }

  current(rows) {
    return rows.find((row) => row.contains(document.activeElement)) ?? rows.find((row) => row.querySelector("a[aria-current]"));
  }

  move(rows, by) {
    const at = rows.indexOf(this.current(rows));
    const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
    next?.querySelector("a").focus();
    // With a conversation open one reads on; without, one only looks.
    if (next && document.querySelector("#pane > .conversation")) next.querySelector("a").click();
  }

  // The row of the open conversation.
  mark() {
    const open = document.querySelector("#pane > .conversation")?.dataset.conversationRowValue;
    const read = this.rowsTarget.querySelector("a[aria-current]");
    read?.removeAttribute("aria-current");
    // Back in the list one goes on where one was.
    if (!open && document.activeElement === document.body) read?.focus({ preventScroll: true });
    const row = open && document.getElementById(open);
    if (!row) return;
    row.querySelector("a").setAttribute("aria-current", "true");
    delete row.dataset.unread;
    row.querySelector(".row-who .unseen")?.remove();
    row.scrollIntoView({ block: "nearest" });
  }

  counted() {
    const count = this.rowsTarget.querySelectorAll("input:checked").length;
    this.countTarget.textContent = said(this.countTarget, count);
  }

  arrived() {
    if (this.rowsTarget.scrollTop < 8) return;
    this.new += 1;
    this.newsTarget.textContent = said(this.newsTarget, this.new);
    this.newsTarget.hidden = false;
  }

  top() {
    this.rowsTarget.scrollTo({ top: 0, behavior: "smooth" });
  }

  seen() {
    this.new = 0;
    this.newsTarget.hidden = true;
  }
}

function said(element, count) {
  return count === 1 ? element.dataset.one : element.dataset.many.replace("99", count);
}
