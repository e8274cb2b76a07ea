// The total in the head of a list is the rail's count of the same conversations.
document.addEventListener("turbo:before-stream-render", ({ target: stream }) => {
  if (stream.action !== "replace" || !stream.target?.startsWith("count-")) return;
  const total = document.querySelector(`[data-total-of="${CSS.escape(stream.target)}"]`);
  const count = Number(stream.templateElement?.content.textContent);
  if (total) total.textContent = count > 0 ? count.toLocaleString(document.documentElement.lang) : "";
});
