// Writes src/view/icon.rs from the icons that we use, taken out of the npm package lucide-static (ISC).
import { readFileSync, writeFileSync } from "node:fs";

const used = `alarm-clock archive bold italic list-ordered text-quote arrow-left arrow-right at-sign bot building-2 calendar check check-check
chevron-down chevron-right circle-alert circle-check circle-user clock copy corner-up-left download ellipsis
external-link eye fast-forward file file-archive file-audio file-image file-spreadsheet file-text file-video
forward globe history hourglass inbox info key-round keyboard languages link list lock log-out mail mail-open
mail-x mailbox menu monitor octagon-alert panel-right paperclip pencil plus reply rotate-ccw search send server
settings shield-check shield-question-mark shield-x signature stamp sticky-note sun-moon tag trash-2
triangle-alert undo-2 user-minus user-plus user-round users-round wifi-off x`.split(/\s+/);

const body = (name) =>
  readFileSync(new URL(`node_modules/lucide-static/icons/${name}.svg`, import.meta.url), "utf8")
    .replace(/<!--.*?-->/s, "")
    .replace(/^\s*<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/\s+/g, " ")
    .replace(/ \/>/g, "/>")
    .replace(/> </g, "><")
    .trim();

const lines = used.map((name) => {
  const constant = name.toUpperCase().replaceAll("-", "_");
  return `/// \`${name}\`\npub const ${constant}: Icon = Icon(r#"${body(name)}"#);\n`;
});

writeFileSync(
  new URL("../src/view/icon.rs", import.meta.url),
  `//! Icons of Lucide (ISC licence, Lucide Contributors; parts of Feather, MIT, Cole Bemis), only those used.
//! Written by \`npm run icons\` in \`assets\`; not to be edited.

use maud::Render;

/// The drawing of one icon, shown at the size of the text around it and hidden from screen readers: a text or
/// an \`aria-label\` always stands beside it.
#[derive(Clone, Copy)]
pub struct Icon(&'static str);

impl Render for Icon {
    fn render_to(&self, page: &mut String) {
        page.push_str(r#"<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">"#);
        page.push_str(self.0);
        page.push_str("</svg>");
    }
}

${lines.join("\n")}`,
);
