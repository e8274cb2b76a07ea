import { Controller } from "@hotwired/stimulus";

const SHOWN_MILLISECONDS = 5000;

// A toast goes by itself; one that counts down goes when it is at nought. A failure stays until it is closed.
export default class extends Controller {
  static targets = ["seconds"];
  static values = { seconds: Number };

  connect() {
    if (this.hasSecondsTarget) this.countDown();
    else if (!this.element.matches(".toast-bad")) this.timer = setTimeout(() => this.close(), SHOWN_MILLISECONDS);
  }

  disconnect() {
    clearInterval(this.timer);
    clearTimeout(this.timer);
  }

  // To an instant, which a page that one goes back to remembers.
  countDown() {
    this.element.dataset.until ??= Date.now() + this.secondsValue * 1000;
    this.timer = setInterval(() => this.count(), 1000);
    this.count();
  }

  count() {
    const seconds = Math.ceil((this.element.dataset.until - Date.now()) / 1000);
    this.secondsTarget.textContent = seconds;
    if (seconds <= 0) this.close();
  }

  close() {
    this.element.remove();
  }
}

export function say(text) {
  if (!text) return;
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.dataset.controller = "toast";
  toast.textContent = text;
  document.getElementById("toasts")?.append(toast);
}
