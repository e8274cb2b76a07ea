import { Controller } from "@hotwired/stimulus";

const HEIGHT_PIXELS_MAX = 60_000;

// Makes the frame of a letter as high as the letter says it is. Only the frame's own window is believed, and only a
// number.
export default class extends Controller {
  connect() {
    this.hear = (event) => event.source === this.element.contentWindow && this.fit(event.data);
    addEventListener("message", this.hear);
  }

  disconnect() {
    removeEventListener("message", this.hear);
  }

  fit(told) {
    const height = Number(told?.height);
    if (!Number.isFinite(height) || height < 1) return;
    this.element.style.blockSize = `${Math.min(Math.ceil(height), HEIGHT_PIXELS_MAX)}px`;
    this.element.dataset.fits = "";
  }
}
