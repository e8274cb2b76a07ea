//! What desk and door say to one another: one JSON text per packet.

use crate::{DialError, LookupError, RecordType, Records};
use register::Ask;
use serde::{Deserialize, Serialize};
use words::Host;

/// The longest packet.
pub const PACKET_BYTES_MAX: usize = 128 * 1024;

/// The most descriptors in one packet: between desk and door a connected socket and its lifeline, from
/// the supervisor a channel and the listening sockets.
pub const DESCRIPTORS_MAX: usize = 16;

/// Which life of the door a request was meant for. A new door drops what was asked of the one before
/// it, and the desk counts that as failed: nothing is dialled that nobody waits for.
pub type Generation = u64;

/// What the desk asks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Which door is there?
    Greeting,
    /// A connection.
    Dial { id: u64, generation: Generation, ask: Ask },
    /// A look-up.
    Lookup { id: u64, generation: Generation, name: Host, kind: RecordType },
}

/// What the door answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The door that answers from now on.
    Hello { generation: Generation },
    /// The connection, whose descriptors come with this packet, or why there is none.
    Dialled { id: u64, result: Result<(), DialError> },
    /// What was found.
    Found { id: u64, result: Result<Records, LookupError> },
}
