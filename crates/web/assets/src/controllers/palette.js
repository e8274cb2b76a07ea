import { Controller } from "@hotwired/stimulus";
import { visit } from "@hotwired/turbo";

const SHOWN_MAX = 12;

// Everything on the page that has a name can be done by it: links of the rail, buttons with keys, menus' items.
export default class extends Controller {
  static targets = ["input", "list"];

  connect() {
    // Not by "toggle", which comes later: it would take away what was typed meanwhile.
    new MutationObserver(() => this.element.open && this.open()).observe(this.element, { attributeFilter: ["open"] });
  }

  open() {
    const found = document.querySelectorAll(".rail-link, .menu-item, [data-hotkey], .row > a");
    this.all = [...found].filter((one) => !one.closest("dialog, .bulk") && (one.checkVisibility() || one.matches(".menu-item, .row > a")));
    this.inputTarget.value = "";
    this.filter();
  }

  filter() {
    const words = this.inputTarget.value.toLowerCase().split(/\s+/).filter(Boolean);
    const named = this.all.map((element) => ({ element, name: name(element) })).filter(({ name }) => name && words.every((word) => name.toLowerCase().includes(word)));
    this.shown = [...new Map(named.map((one) => [one.name, one])).values()].slice(0, SHOWN_MAX);
    const asked = this.inputTarget.value.trim();
    if (asked) this.shown.push({ name: `${this.listTarget.dataset.search} “${asked}”`, search: asked });
    this.listTarget.replaceChildren(...this.shown.map(line));
    this.choice(0);
  }

  key(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) this.choice((this.chosen + by + this.shown.length) % this.shown.length);
    else if (event.key === "Enter") this.run(this.shown[this.chosen]);
    else return;
    event.preventDefault();
  }

  choice(at) {
    this.chosen = at;
    [...this.listTarget.children].forEach((line, i) => line.setAttribute("aria-selected", i === at));
    this.listTarget.children[at]?.scrollIntoView({ block: "nearest" });
    this.inputTarget.setAttribute("aria-activedescendant", `palette-${at}`);
  }

  choose(event) {
    const line = event.target.closest("li");
    if (line) this.run(this.shown[[...this.listTarget.children].indexOf(line)]);
  }

  run(one) {
    if (!one) return;
    this.element.close();
    if (one.search) return visit(`/search?q=${encodeURIComponent(one.search)}`);
    if (one.element.matches("summary")) one.element.parentElement.open = true;
    one.element.click();
    if (one.element.matches("summary")) one.element.parentElement.open = true;
  }
}

function name(element) {
  if (element.matches(".row > a")) return squeezed([".row-who", ".row-subject"].map((part) => element.querySelector(part).textContent).join(" · "));
  const parts = [...element.querySelectorAll("span:not(.count, .initials, .unseen, .tag-dot)")].map((part) => part.textContent).join(" ");
  return squeezed(element.getAttribute("aria-label") || parts || element.title || text(element));
}

const text = (element) => [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join(" ");
const squeezed = (words) => words.replace(/\s+/g, " ").trim();

function line({ element, name }, at) {
  const line = document.createElement("li");
  line.id = `palette-${at}`;
  line.role = "option";
  const text = document.createElement("span");
  text.textContent = name;
  line.append(text);
  const key = element?.dataset.hotkey;
  if (key) line.append(...key.split(" ").map((one) => Object.assign(document.createElement("kbd"), { textContent: one })));
  return line;
}
