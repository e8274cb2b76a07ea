// The desk's script. Every page can be read without it.
import * as Turbo from "@hotwired/turbo";
import { Application } from "@hotwired/stimulus";
import "./busy.js";
import "./streams.js";
import "./times.js";
import "./totals.js";
import Composer from "./controllers/composer.js";
import Confirm from "./controllers/confirm.js";
import Conversation from "./controllers/conversation.js";
import Copy from "./controllers/copy.js";
import Hotkeys from "./controllers/hotkeys.js";
import LetterFrame from "./controllers/letter_frame.js";
import List from "./controllers/list.js";
import Live from "./controllers/live.js";
import Menu from "./controllers/menu.js";
import Palette from "./controllers/palette.js";
import Presence from "./controllers/presence.js";
import Theme from "./controllers/theme.js";
import Toast, { say } from "./controllers/toast.js";
import Upload from "./controllers/upload.js";

document.documentElement.dataset.script = "";
Turbo.config.forms.confirm = Confirm;

// A pane that got no pane (the session has ended, say) shows the page that came instead.
document.addEventListener("turbo:frame-missing", (event) => {
  event.preventDefault();
  event.detail.visit(event.detail.response);
});
// Whoever goes on before a conversation is there gives up the first: nothing went wrong.
addEventListener("unhandledrejection", (event) => event.reason?.name === "AbortError" && event.preventDefault());
document.addEventListener("turbo:fetch-request-error", () => say(document.querySelector("#offline span")?.textContent));

const application = Application.start();
const controllers = {
  composer: Composer,
  conversation: Conversation,
  copy: Copy,
  hotkeys: Hotkeys,
  "letter-frame": LetterFrame,
  list: List,
  live: Live,
  menu: Menu,
  palette: Palette,
  presence: Presence,
  theme: Theme,
  toast: Toast,
  upload: Upload,
};
for (const [name, controller] of Object.entries(controllers)) application.register(name, controller);
