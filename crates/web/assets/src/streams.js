// What live events can do beside Turbo's own actions.
import { StreamActions } from "@hotwired/turbo";
import { keepingFocus, leave } from "./focus.js";

// <turbo-stream action="row" target="row-…">: a conversation as every list shows it. The list decides by its own
// filter whether it belongs there: it is put in, put in its new place, or taken out.
StreamActions.row = function () {
  const rows = document.getElementById("rows");
  const row = this.templateContent.firstElementChild;
  if (!rows || !row) return;
  const old = document.getElementById(row.id);
  if (!belongs(row.dataset, rows.dataset)) {
    // What one reads does not vanish under the hand: the row stays until one goes on.
    if (old && !isOpen(old)) (leave(old), old.remove());
    return;
  }
  const link = row.querySelector("a");
  link.setAttribute("href", `${link.getAttribute("href").split("?")[0]}?${rows.dataset.query}`);
  if (old) keep(old, row);
  else if (!("first" in rows.dataset)) return;
  const before = [...rows.children].find((one) => one !== old && Number(one.dataset.order) < Number(row.dataset.order));
  if (!old) row.dataset.arrived = "";
  // At rest at the top one sees it come; further down the list stands still and says so.
  const top = rows.scrollTop;
  const height = rows.scrollHeight;
  keepingFocus(row.id, () => put(row, old, before));
  if (top > 0) rows.scrollTop = top + rows.scrollHeight - height;
  if (!old) rows.dispatchEvent(new CustomEvent("list:arrived", { bubbles: true }));
};

function put(row, old, before) {
  if (old && old.nextElementSibling === (before ?? null)) return old.replaceWith(row);
  old?.remove();
  document.getElementById("rows").insertBefore(row, before ?? null);
}

function isOpen(row) {
  return row.querySelector("a[aria-current]") !== null;
}

function keep(old, row) {
  row.querySelector("input").checked = old.querySelector("input").checked;
  if (isOpen(old)) row.querySelector("a").setAttribute("aria-current", "true");
}

function belongs(row, list) {
  const me = document.body.dataset.liveMeValue;
  if (list.department && list.department !== row.department) return false;
  if (list.tag && !(row.tags ?? "").split(" ").includes(list.tag)) return false;
  if (list.folder === "mine") return row.status === "open" && row.assignee === me;
  if (list.folder === "unassigned") return row.status === "open" && !row.assignee;
  return row.status === list.folder;
}

// <turbo-stream action="entry" target="messages-…">: appends an entry to an open conversation, and lets the
// conversation decide whether to scroll, or to say that there is something new.
StreamActions.entry = function () {
  for (const entries of this.targetElements) {
    for (const entry of [...this.templateContent.children]) {
      const old = document.getElementById(entry.id);
      if (old) old.replaceWith(entry);
      else entries.append(entry);
      entry.dispatchEvent(new CustomEvent(old ? "entry:changed" : "entry:arrived", { bubbles: true }));
    }
  }
};

// A head that others changed leads back to the list from which this page opened the conversation.
document.addEventListener("turbo:before-stream-render", ({ target: stream }) => {
  if (stream.action !== "replace" || !stream.target?.startsWith("head-")) return;
  const old = document.getElementById(stream.target)?.querySelector(".back");
  const fresh = stream.templateElement?.content.querySelector(".back");
  if (old && fresh) fresh.setAttribute("href", old.getAttribute("href"));
});

// What is made for many pages does not know at which place of the rail this one is.
document.addEventListener("turbo:before-stream-render", ({ target: stream }) => {
  if (stream.target !== "rail-places") return;
  const fresh = (old) => stream.templateElement.content.querySelector(`[href="${CSS.escape(old.getAttribute("href"))}"]`);
  const here = document.querySelector("#rail-places [aria-current]");
  if (here) fresh(here)?.setAttribute("aria-current", "page");
  const focused = document.querySelector("#rail-places a:focus");
  if (focused && !fresh(focused)) document.querySelector("#rail .rail-link").focus({ preventScroll: true });
});

// The newest change of each target that has not been drawn.
const newest = new Map();

// A menu does not vanish under the hand: what holds an open one is replaced when it is closed, by the newest.
document.addEventListener("turbo:before-stream-render", (event) => {
  const { render } = event.detail;
  event.detail.render = async (stream) => {
    const { action, target } = stream;
    if (action === "remove") leave(document.getElementById(target));
    if (action !== "replace") return render(stream);
    newest.set(target, stream);
    for (let menu; (menu = document.getElementById(target)?.querySelector("details.menu[open]")); ) await closed(menu);
    if (newest.get(target) !== stream) return;
    newest.delete(target);
    await keepingFocus(target, () => render(stream));
  };
});

function closed(menu) {
  return new Promise((resolve) => menu.addEventListener("toggle", () => menu.open || resolve()));
}
