// The editor for answers: loaded when one starts to write.
import Trix from "trix";

// Mail has no captions, and files go their own way.
Trix.config.blockAttributes.heading1.tagName = "h3";
addEventListener("trix-file-accept", (event) => event.preventDefault());

// Puts an editor in the place of a text area, and the caret with it. What it holds goes into the hidden field.
export async function replace(text, html) {
  // Trix defines its elements a moment after it is loaded.
  await customElements.whenDefined("trix-editor");
  const focused = document.activeElement === text;
  if (text.value && !html.value) html.value = paragraphs(text.value);
  const editor = document.createElement("trix-editor");
  editor.className = text.className;
  const toolbar = text.form.querySelector("trix-toolbar");
  toolbar.hidden = false;
  editor.setAttribute("toolbar", toolbar.id);
  editor.setAttribute("input", html.id);
  editor.setAttribute("aria-label", text.getAttribute("aria-label"));
  editor.setAttribute("placeholder", text.placeholder);
  editor.addEventListener("trix-initialize", () => editor.editor.setSelectedRange(editor.editor.getDocument().toString().length - 1));
  text.hidden = true;
  text.disabled = true;
  text.after(editor);
  if (focused) editor.focus();
  return editor;
}

function paragraphs(text) {
  const holder = document.createElement("div");
  for (const [at, line] of text.split("\n").entries()) holder.append(...(at ? [document.createElement("br"), line] : [line]));
  return `<div>${holder.innerHTML}</div>`;
}
