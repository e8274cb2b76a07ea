import { Controller } from "@hotwired/stimulus";

// A <details> as a menu: it closes by Escape, by a click elsewhere and when another opens; arrows walk in it.
export default class extends Controller {
  connect() {
    this.outside = (event) => this.element.open && !this.element.contains(event.target) && this.close(false);
    document.addEventListener("pointerdown", this.outside);
    document.addEventListener("focusin", this.outside);
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.element.addEventListener("submit", () => this.close(false));
  }

  disconnect() {
    document.removeEventListener("pointerdown", this.outside);
    document.removeEventListener("focusin", this.outside);
  }

  key(event) {
    if (!this.element.open) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      return this.close(true);
    }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const items = [...this.element.querySelectorAll(".menu-sheet :is(button, a, input)")].filter((item) => item.checkVisibility());
    const at = items.indexOf(document.activeElement);
    items[(at + by + items.length) % items.length]?.focus();
  }

  close(back) {
    this.element.open = false;
    if (back) this.element.querySelector("summary").focus();
  }
}
