// What a live change replaces keeps the focus, and never takes it.
import { session } from "@hotwired/turbo";

// By what an element of the new stands for one of the old.
const KNOWN_BY = ["id", "data-hotkey", "name", "href"];

// Turbo's own way gives the focus back a frame later, when a person may have gone on to write elsewhere.
session.streamMessageRenderer.render = ({ fragment }) => document.documentElement.append(fragment);

// Does `change` to what stands in the place of `id`; if the focus was in it, what takes its place has it.
export async function keepingFocus(id, change) {
  const held = within(document.getElementById(id));
  await change();
  if (held && document.activeElement === document.body) same(document.getElementById(id), held)?.focus({ preventScroll: true });
}

// A row that goes leaves the focus to its neighbour.
export function leave(row) {
  if (within(row)) (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("a").focus({ preventScroll: true });
}

const within = (element) => (element?.contains(document.activeElement) ? document.activeElement : null);

function same(fresh, old) {
  const known = KNOWN_BY.filter((name) => old.getAttribute(name));
  const found = known.map((name) => fresh?.querySelector(`${old.localName}[${name}="${CSS.escape(old.getAttribute(name))}"]`));
  return found.find((one) => one?.checkVisibility());
}
