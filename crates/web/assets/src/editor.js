// The editor for answers: loaded when one starts to write.
import Trix from "trix";

// Mail has no captions, and files go their own way.
Trix.config.blockAttributes.heading1.tagName = "h3";
addEventListener("trix-file-accept", (event) => event.preventDefault());

// Trix draws what was typed at the next frame, and then takes the formatting at the caret anew: bold that was switched
// on or off between a letter and its frame would be lost. So what waits is drawn before Trix itself hears of a command,
// and before the form is read.
const draw = (editor) => editor?.editorController?.render();
const first = { capture: true };
document.addEventListener("keydown", ({ target, ctrlKey, metaKey }) => (ctrlKey || metaKey) && draw(target.closest("trix-editor")), first);
document.addEventListener("mousedown", ({ target }) => draw(target.closest("trix-toolbar")?.closest("form").querySelector("trix-editor")), first);
document.addEventListener("submit", ({ target }) => draw(target.querySelector("trix-editor")), first);
document.addEventListener("visibilitychange", () => document.querySelectorAll("trix-editor").forEach(draw), first);

// One goes on where one stopped. To set the caret before one comes would take the focus from where it is.
const carets = new WeakMap();
const end = (editor) => editor.getDocument().toString().length - 1;
addEventListener("trix-focus", ({ target }) => target.editor.setSelectedRange(carets.get(target) ?? [end(target.editor), end(target.editor)]));
addEventListener("trix-blur", ({ target }) => carets.set(target, target.editor.getSelectedRange()));

// Puts an editor in the place of a text area, and the caret with it. What it holds goes into the hidden field.
export async function replace(text, html) {
  // Trix defines its elements a moment after it is loaded.
  await customElements.whenDefined("trix-editor");
  const focused = document.activeElement === text;
  const more = focused && text.value.startsWith(text.defaultValue) ? text.value.slice(text.defaultValue.length) : "";
  // Whoever wrote into the midst of a draft before its editor was there keeps the words rather than the formatting.
  const plain = text.value && (!html.value || (text.value !== text.defaultValue && !more));
  if (plain) html.value = paragraphs(text.value);
  const editor = document.createElement("trix-editor");
  editor.className = text.className;
  const toolbar = text.form.querySelector("trix-toolbar");
  toolbar.hidden = false;
  editor.setAttribute("toolbar", toolbar.id);
  editor.setAttribute("input", html.id);
  editor.setAttribute("aria-label", text.getAttribute("aria-label"));
  editor.setAttribute("placeholder", text.placeholder);
  text.hidden = true;
  text.disabled = true;
  text.after(editor);
  if (plain) carets.set(editor, [text.selectionStart, text.selectionEnd]);
  if (focused) editor.focus();
  if (more && !plain) editor.editor.insertString(more);
}

function paragraphs(text) {
  const holder = document.createElement("div");
  for (const [at, line] of text.split("\n").entries()) holder.append(...(at ? [document.createElement("br"), line] : [line]));
  return `<div>${holder.innerHTML}</div>`;
}
