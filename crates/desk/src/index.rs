//! Search: what a message is found by.

use store::{Message, Tx};

use crate::Result;

/// Makes a message findable by what people remember of it: subject, names, addresses, text, files.
pub(crate) fn index(tx: &mut Tx<'_>, message: &Message, files: &[&str]) -> Result<()> {
    tx.index_message(message.number, &store::Remembered::of(message, files).tokens())?;
    Ok(())
}
