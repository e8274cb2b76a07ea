// Whether the page is about to become another: a form is under way, or the pane or the page is being loaded. When it
// is no more, the document hears "busy:over".
const PANE = "pane";
// An answer's streams are drawn so many frames after its text is there.
const DRAWN_AFTER_FRAMES = 3;
// A pane that takes longer than this is not waited for.
const LOAD_MILLISECONDS_MAX = 10_000;
let sent = 0;
// Since when the pane is being loaded. Until its address is the page's, too, Turbo would break off whatever else one
// goes to.
let loads = -Infinity;

export const busy = () => sent > 0 || performance.now() - loads < LOAD_MILLISECONDS_MAX || document.documentElement.hasAttribute("aria-busy");

function over() {
  if (!busy()) document.dispatchEvent(new Event("busy:over"));
}

function loaded() {
  if (!document.getElementById(PANE)?.hasAttribute("busy")) loads = -Infinity;
  over();
}

// Until this is done and what it begins has begun.
export async function during(work) {
  sent += 1;
  await work;
  requestAnimationFrame(() => ((sent -= 1), over()));
}

document.addEventListener("turbo:submit-start", ({ detail }) => {
  sent += 1;
  // Turbo breaks off a form when the next is sent: an answer would be lost by closing the conversation quickly.
  detail.formSubmission.stop = () => false;
});
document.addEventListener("turbo:submit-end", async ({ target, detail: { success, fetchResponse } }) => {
  // An answer that is no stream is the pane.
  if (success && fetchResponse.isHTML && !fetchResponse.contentType.includes("stream") && inPane(target)) loads = performance.now();
  await fetchResponse?.responseHTML.catch(() => {});
  for (let frames = 0; frames < DRAWN_AFTER_FRAMES; frames++) await new Promise(requestAnimationFrame);
  sent -= 1;
  over();
});
document.addEventListener("turbo:before-fetch-request", ({ target }) => target.id === PANE && (loads = performance.now()));
document.addEventListener("turbo:frame-load", ({ target: { id, delegate } }) => {
  if (id !== PANE) return;
  // Here Turbo makes the pane's address the page's, after it has told of the pane.
  const goes = delegate.fetchResponseLoaded;
  delegate.fetchResponseLoaded = (response) => goes(response).finally(loaded);
});
for (const end of ["turbo:frame-missing", "turbo:fetch-request-error", "turbo:load"]) document.addEventListener(end, loaded);

const inPane = (form) => form.dataset.turboFrame === PANE || form.closest(`#${PANE}`) !== null;
