//! What a child of the supervisor gets: its end of the channel, and listening sockets, by a line that
//! is its standard input and closes when the supervisor dies.

mod fence;

use crate::{channel::receive_packet, wire::PACKET_BYTES_MAX};
use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{DumpableBehavior, Resource, Rlimit, Signal},
    thread::{CapabilitySet, capabilities, set_capabilities},
};
use serde::{Deserialize, Serialize};
use std::{io, net::TcpListener, os::fd::OwnedFd};

/// What of root's power a child keeps: its own files and ports, but no way into other processes or
/// into the kernel's networking.
const KEPT: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::DAC_READ_SEARCH)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::NET_BIND_SERVICE);

/// The first packet on the line. The channel's end comes with it, then the listening sockets in this
/// order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Handover {
    /// How often this child was started before.
    pub starts: u32,
    /// Their names.
    pub listeners: Vec<String>,
}

/// What the supervisor gave to this process.
#[derive(Debug)]
pub struct Inherited {
    /// How often this process was started before: 0 for the first.
    pub starts: u32,
    /// The desk's or the door's end of the channel.
    pub channel: OwnedFd,
    listeners: Vec<(String, TcpListener)>,
    /// Open as long as the supervisor lives.
    _line: OwnedFd,
}

impl Inherited {
    /// Takes what the supervisor gave to the desk. To be called first in `main`, before any thread or
    /// runtime is there: it also ties this process to the supervisor's life, sheds root's power, and puts
    /// up a fence to other processes of the same user (where the kernel has Landlock).
    pub fn for_desk() -> io::Result<Self> {
        // What strangers sent must not end in a core file.
        rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
        let inherited = Self::take()?;
        fence::fence();
        Ok(inherited)
    }

    /// Takes what the supervisor gave to the door, which from now on nobody of the same user can look
    /// into.
    pub(crate) fn for_door() -> io::Result<Self> {
        rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
        Self::take()
    }

    fn take() -> io::Result<Self> {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        let line = rustix::stdio::stdin().try_clone_to_owned()?;
        end_if_alone(&line)?;
        shed()?;
        let mut packet = vec![0; PACKET_BYTES_MAX];
        let (length, descriptors) = receive_packet(&line, &mut packet)?;
        let handover: Handover = serde_json::from_slice(&packet[..length])?;
        let mut descriptors = descriptors.into_iter();
        let channel = descriptors.next().ok_or(io::ErrorKind::InvalidData)?;
        if descriptors.len() != handover.listeners.len() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let listeners = handover.listeners.into_iter().zip(descriptors.map(TcpListener::from)).collect();
        Ok(Self { starts: handover.starts, channel, listeners, _line: line })
    }

    /// The listening socket of this name (not blocking), if the supervisor was told to open it. Each is
    /// given once.
    pub fn listener(&mut self, name: &str) -> Option<TcpListener> {
        let index = self.listeners.iter().position(|(given, _)| given == name)?;
        Some(self.listeners.swap_remove(index).1)
    }
}

/// The supervisor may have died before its death was made a signal: then the line is closed already.
fn end_if_alone(line: &OwnedFd) -> io::Result<()> {
    let mut ready = [PollFd::new(line, PollFlags::IN)];
    let at_once = rustix::time::Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut ready, Some(&at_once))?;
    if ready[0].revents().contains(PollFlags::HUP) { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
}

fn shed() -> io::Result<()> {
    let mut held = capabilities(None)?;
    held.effective &= KEPT;
    held.permitted &= KEPT;
    held.inheritable = CapabilitySet::empty();
    Ok(set_capabilities(None, held)?)
}
