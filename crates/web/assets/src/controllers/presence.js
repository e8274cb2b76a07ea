import { Controller } from "@hotwired/stimulus";

const AGAIN_MILLISECONDS = 25_000;
const WRITES_MILLISECONDS = 20_000;

// Says to the others who looks at a conversation, and who writes in it.
export default class extends Controller {
  static values = { url: String };

  connect() {
    this.wrote = -Infinity;
    this.write = () => {
      const began = performance.now() - this.wrote > WRITES_MILLISECONDS;
      this.wrote = performance.now();
      if (began) this.say();
    };
    this.see = () => document.hidden || this.say();
    document.addEventListener("composer:write", this.write);
    document.addEventListener("visibilitychange", this.see);
    this.timer = setInterval(this.see, AGAIN_MILLISECONDS);
    this.see();
  }

  disconnect() {
    clearInterval(this.timer);
    document.removeEventListener("composer:write", this.write);
    document.removeEventListener("visibilitychange", this.see);
    this.say("away");
  }

  say(state = performance.now() - this.wrote < WRITES_MILLISECONDS ? "writing" : "looking") {
    fetch(this.urlValue, { method: "POST", body: new URLSearchParams({ state }), keepalive: true }).catch(() => {});
  }
}
