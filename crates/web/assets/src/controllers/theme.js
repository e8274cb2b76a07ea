import { Controller } from "@hotwired/stimulus";

const NEXT = { system: "light", light: "dark", dark: "system" };

// As the system, light, dark: kept in a cookie, so that the server paints the first page right.
export default class extends Controller {
  static targets = ["name"];

  connect() {
    this.show();
  }

  next() {
    const root = document.documentElement;
    root.dataset.theme = NEXT[root.dataset.theme] ?? "light";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
    this.show();
  }

  show() {
    this.nameTarget.textContent = this.nameTarget.dataset[document.documentElement.dataset.theme];
  }
}
