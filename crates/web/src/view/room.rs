//! Room in the buffer of a page for what comes next, so that a big page does not grow in steps.

use maud::Render;

/// Makes room for so many bytes where it stands, and writes nothing.
pub(super) struct Room(pub(super) usize);

impl Render for Room {
    fn render_to(&self, page: &mut String) {
        page.reserve(self.0);
    }
}
