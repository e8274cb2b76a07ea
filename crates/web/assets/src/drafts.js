// What was typed and may not have reached the server when its page is left: a page that is loaded at once is drawn
// before it does. The tab has it for a moment, for the agent who typed it, and puts it back.
const MOMENT_MILLISECONDS = 30_000;
const FIELDS = ["html", "text", "to", "cc"];
const OURS = "draft ";
// After the log-out nothing is kept any more.
let over = false;

const me = () => document.body.dataset.liveMeValue ?? "";
const name = (draft, form) => `${OURS}${me()} ${draft}#${form.dataset.kind}`;

// Gives the text by which `kept` knows whether it is still the newest.
export function remember(draft, form, fields) {
  const text = JSON.stringify({ at: Date.now(), fields: fields.filter(([name]) => FIELDS.includes(name)) });
  if (over) return text;
  sessionStorage.setItem(name(draft, form), text);
  setTimeout(sweep, MOMENT_MILLISECONDS + 1);
  return text;
}

export function kept(draft, form, text) {
  if (sessionStorage.getItem(name(draft, form)) === text) forget(draft, form);
}

export const forget = (draft, form) => sessionStorage.removeItem(name(draft, form));

// Puts back what was left behind a moment ago; says whether the form is another than the server's by that.
export function left(draft, form) {
  const { at, fields } = JSON.parse(sessionStorage.getItem(name(draft, form)) ?? "{}");
  forget(draft, form);
  if (!isFresh(at)) return false;
  const others = fields.filter(([name, value]) => form.elements[name].value !== value);
  for (const [name, value] of others) form.elements[name].value = value;
  return others.length > 0;
}

// Who logs out leaves nothing in the tab.
export function end() {
  over = true;
  ours().forEach((key) => sessionStorage.removeItem(key));
}

const ours = () => Object.keys(sessionStorage).filter((key) => key.startsWith(OURS));
const isFresh = (at) => Date.now() - at < MOMENT_MILLISECONDS;

// Nor does the moment last longer for that nobody came back, or another agent did.
function sweep() {
  for (const key of ours()) {
    const others = me() && !key.startsWith(`${OURS}${me()} `);
    if (others || !isFresh(JSON.parse(sessionStorage.getItem(key)).at)) sessionStorage.removeItem(key);
  }
}

export const isLogOut = (form) => form.matches("form[action='/logout']");

document.addEventListener("submit", (event) => !event.defaultPrevented && isLogOut(event.target) && end());
document.addEventListener("turbo:load", sweep);
