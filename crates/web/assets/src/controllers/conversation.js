import { Controller } from "@hotwired/stimulus";

const AT_END_PIXELS = 80;

// Opens a conversation at what is new, stays at the end while letters find their height, and keeps the title right.
export default class extends Controller {
  static targets = ["scroller", "contact"];
  static values = { title: String, row: String };

  connect() {
    const account = document.title.split(" · ").at(-1);
    document.title = `${this.titleValue} · ${account}`;
    this.followsEnd = !this.toNamed();
    if (this.followsEnd) this.toEnd();
    this.grow = new ResizeObserver(() => this.followsEnd && this.toEnd());
    this.grow.observe(this.scrollerTarget.querySelector(".entries"));
    this.grow.observe(this.scrollerTarget);
    const hand = () => (this.followsEnd = this.atEnd());
    for (const kind of ["wheel", "touchmove", "keydown", "pointerup"]) this.scrollerTarget.addEventListener(kind, () => requestAnimationFrame(hand), { passive: true });
  }

  disconnect() {
    this.grow.disconnect();
  }

  // A link to one message opens and shows it.
  toNamed() {
    const message = location.hash.startsWith("#message-") && document.getElementById(location.hash.slice(1));
    if (!message) return false;
    for (const fold of message.querySelectorAll(".message-fold")) fold.open = true;
    message.dataset.named = "";
    message.scrollIntoView({ block: "start" });
    return true;
  }

  atEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.scrollerTarget;
    return scrollHeight - scrollTop - clientHeight < AT_END_PIXELS;
  }

  // To the end, but never past the first line of the newest letter: a long one is read from its start.
  toEnd() {
    const newest = [...this.scrollerTarget.querySelectorAll(".message")].at(-1);
    const box = this.scrollerTarget.getBoundingClientRect();
    if (newest && newest.offsetHeight > box.height) {
      this.scrollerTarget.scrollTop += newest.getBoundingClientRect().top - box.top - 8;
    } else {
      this.scrollerTarget.scrollTop = this.scrollerTarget.scrollHeight;
    }
  }

  // Beside the letters the panel is folded and stays so; over them the popover opens.
  contact(event) {
    if (getComputedStyle(this.contactTarget).position === "fixed" || innerWidth < 1280) return;
    event.preventDefault();
    const root = document.documentElement;
    if (root.dataset.contact) delete root.dataset.contact;
    else root.dataset.contact = "folded";
    document.cookie = `contact=${root.dataset.contact ?? ""}; path=/; max-age=31536000; samesite=lax`;
  }
}
