// Whether the page is about to become another: a form is under way, or the pane or the page is being loaded. When it
// is no more, the document hears "busy:over".
const PANE = "pane";
// The pane and the streams of an answer are drawn so many frames after its text is there.
const DRAWN_AFTER_FRAMES = 3;
let sent = 0;
let loads = false;

export const busy = () => sent > 0 || loads || document.documentElement.hasAttribute("aria-busy");

function over() {
  loads = document.getElementById(PANE)?.hasAttribute("busy") ?? false;
  if (!busy()) document.dispatchEvent(new Event("busy:over"));
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
document.addEventListener("turbo:submit-end", async ({ detail }) => {
  await detail.fetchResponse?.responseHTML.catch(() => {});
  for (let frames = 0; frames < DRAWN_AFTER_FRAMES; frames++) await new Promise(requestAnimationFrame);
  sent -= 1;
  over();
});
document.addEventListener("turbo:before-fetch-request", ({ target }) => (loads ||= target.id === PANE));
for (const end of ["turbo:fetch-request-error", "turbo:load"]) document.addEventListener(end, over);
// After this Turbo makes the pane's address the page's, and would break off what one goes to before that.
for (const end of ["turbo:frame-load", "turbo:frame-missing"]) document.addEventListener(end, () => setTimeout(over));
