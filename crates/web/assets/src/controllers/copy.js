import { Controller } from "@hotwired/stimulus";
import { say } from "./toast.js";

// Copies a text, or the address of a page of ours.
export default class extends Controller {
  static values = { text: String, path: String, done: String };

  async copy() {
    await navigator.clipboard.writeText(this.pathValue ? location.origin + this.pathValue : this.textValue);
    say(this.doneValue);
  }
}
