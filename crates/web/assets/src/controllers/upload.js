import { Controller } from "@hotwired/stimulus";
import { renderStreamMessage } from "@hotwired/turbo";

// Sends files as they are chosen, one after the other, with progress; each answer is a turbo-stream that puts the
// file on the draft.
export default class extends Controller {
  static values = { url: String, list: String, failed: String };

  async send() {
    const files = [...this.element.files];
    this.element.value = "";
    for (const file of files) await this.one(file);
  }

  one(file) {
    const line = document.createElement("li");
    line.className = "draft-file";
    const progress = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    progress.setAttribute("aria-label", file.name);
    line.append(file.name, progress);
    document.getElementById(this.listValue).append(line);
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.urlValue);
      request.setRequestHeader("Accept", "text/vnd.turbo-stream.html");
      request.upload.onprogress = (event) => (progress.value = event.loaded / event.total);
      request.onloadend = () => {
        if (request.status === 200) {
          line.remove();
          renderStreamMessage(request.responseText);
        } else {
          line.classList.add("is-bad");
          line.textContent = `${file.name} ${this.failedValue}`;
        }
        done();
      };
      const body = new FormData();
      body.append("files", file);
      request.send(body);
    });
  }
}
