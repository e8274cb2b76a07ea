import { Controller } from "@hotwired/stimulus";

const SHOWN_MILLISECONDS = 5000;

// A toast goes by itself; one that counts down goes when it is at nought. A failure stays until it is closed.
export default class extends Controller {
  static targets = ["seconds"];
  static values = { seconds: Number };

  connect() {
    if (this.hasSecondsTarget) this.timer = setInterval(() => this.count(), 1000);
    else if (!this.element.matches(".toast-bad")) this.timer = setTimeout(() => this.close(), SHOWN_MILLISECONDS);
  }

  disconnect() {
    clearInterval(this.timer);
    clearTimeout(this.timer);
  }

  count() {
    this.secondsValue -= 1;
    this.secondsTarget.textContent = this.secondsValue;
    if (this.secondsValue <= 0) this.close();
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
