//! HTML: cleaned, as text, and made of text.

mod of_text;
mod text;

pub use of_text::html_of_text;
pub use text::text_of_html;
