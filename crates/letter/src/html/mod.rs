//! HTML: cleaned, as text, and made of text.

mod clean;
mod composed;
mod css;
mod of_text;
mod quoted;
mod tag;
mod text;
mod tidy;

pub use clean::{CleanHtml, Pictures, clean_html};
pub use composed::{clean_composed, text_of_composed};
pub use of_text::html_of_text;
pub use text::text_of_html;
