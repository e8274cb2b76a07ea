//! The kernel's counts of one TCP connection.

use std::{
    io,
    net::TcpStream,
    os::fd::{AsFd, AsRawFd},
};

/// How often the counts are read again while something comes in.
const LOOKS_MAX: usize = 1000;

/// What passed a connection so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payload {
    /// Payload bytes that were sent at least once.
    pub bytes_out: u64,
    /// Payload bytes that came.
    pub bytes_in: u64,
    /// Something written, or the sign that no more comes, was never sent yet.
    pub waits: bool,
}

/// Reads the counts (`TCP_INFO`, Linux 4.19 or later).
pub fn payload(socket: &TcpStream) -> io::Result<Payload> {
    // The kernel reads the state before it locks the connection for the counts. Between two equal counts
    // nothing came, so the second state belongs to them.
    let mut info = Info::of(socket)?;
    for _ in 0..LOOKS_MAX {
        let before = std::mem::replace(&mut info, Info::of(socket)?);
        if info.bytes_received == before.bytes_received {
            break;
        }
    }
    Ok(info.payload())
}

/// States of a TCP connection (`include/net/tcp_states.h`) in which the other side has said that no
/// more comes.
const AFTER_THEIR_END: [u8; 4] = [TIME_WAIT, CLOSE_WAIT, LAST_ACK, CLOSING];
const TIME_WAIT: u8 = 6;
const CLOSED: u8 = 7;
const CLOSE_WAIT: u8 = 8;
const LAST_ACK: u8 = 9;
const CLOSING: u8 = 11;

/// The part of the kernel's `struct tcp_info` (`include/uapi/linux/tcp.h`) that is needed.
struct Info {
    state: u8,
    bytes_acked: u64,
    bytes_received: u64,
    unsent: u32,
    bytes_sent: u64,
    bytes_retrans: u64,
}

impl Info {
    const BYTES: usize = 216;

    #[expect(unsafe_code, reason = "TCP_INFO has no safe wrapper")]
    fn of(socket: &TcpStream) -> io::Result<Self> {
        let mut bytes = [0_u8; Self::BYTES];
        let mut length = libc::socklen_t::try_from(Self::BYTES).expect("a small number");
        // SAFETY: the kernel writes at most `length` bytes into `bytes`, and `length` is their number.
        let result = unsafe {
            libc::getsockopt(
                socket.as_fd().as_raw_fd(),
                libc::IPPROTO_TCP,
                libc::TCP_INFO,
                bytes.as_mut_ptr().cast(),
                &raw mut length,
            )
        };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
        if (length as usize) < Self::BYTES {
            return Err(io::ErrorKind::Unsupported.into());
        }
        Ok(Self {
            state: bytes[0],
            bytes_acked: u64::from_ne_bytes(at(&bytes, 120)),
            bytes_received: u64::from_ne_bytes(at(&bytes, 128)),
            unsent: u32::from_ne_bytes(at(&bytes, 144)),
            bytes_sent: u64::from_ne_bytes(at(&bytes, 200)),
            bytes_retrans: u64::from_ne_bytes(at(&bytes, 208)),
        })
    }

    fn payload(&self) -> Payload {
        let bytes_out = self.bytes_sent.saturating_sub(self.bytes_retrans);
        // The kernel counts their end (FIN) as one received byte. When all is over, it was an end and no
        // reset if ours was acknowledged: acknowledged are then our start, our end and the payload.
        let ended = self.state == CLOSED && self.bytes_acked == bytes_out + 2;
        let their_end = u64::from(ended || AFTER_THEIR_END.contains(&self.state));
        Payload {
            bytes_out,
            bytes_in: self.bytes_received.saturating_sub(their_end),
            waits: self.unsent > 0 && self.state != CLOSED,
        }
    }
}

fn at<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    bytes[offset..offset + N].try_into().expect("N bytes were taken")
}
