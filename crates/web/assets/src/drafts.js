// What was typed and may not have reached the server when its page is left: a page that is loaded at once is drawn
// before it does. The tab has it for a moment, and puts it back.
const MOMENT_MILLISECONDS = 30_000;
const FIELDS = ["html", "text", "to", "cc"];

const name = (draft, form) => `${draft}#${form.dataset.kind}`;

// Gives the text by which `kept` knows whether it is still the newest.
export function remember(draft, form, fields) {
  const text = JSON.stringify({ at: Date.now(), fields: fields.filter(([name]) => FIELDS.includes(name)) });
  sessionStorage.setItem(name(draft, form), text);
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
  if (!(Date.now() - at < MOMENT_MILLISECONDS)) return false;
  const others = fields.filter(([name, value]) => form.elements[name].value !== value);
  for (const [name, value] of others) form.elements[name].value = value;
  return others.length > 0;
}
