// The editor for answers: loaded when one starts to write.
import Trix from "trix";

// Mail has no captions, and files go their own way.
Trix.config.blockAttributes.heading1.tagName = "h3";
addEventListener("trix-file-accept", (event) => event.preventDefault());

// Puts an editor in the place of a text area. What it holds goes into the hidden field.
export function replace(text, html) {
  if (text.value && !html.value) html.value = paragraphs(text.value);
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
  return editor;
}

function paragraphs(text) {
  const holder = document.createElement("div");
  for (const [at, line] of text.split("\n").entries()) holder.append(...(at ? [document.createElement("br"), line] : [line]));
  return `<div>${holder.innerHTML}</div>`;
}
