//! A sealed process tries every way out that is known, in threads from before and after the seal.
#![expect(unsafe_code, reason = "tries system calls that no safe function offers")]

use crate::desk::{desk, naming, relay_at};
use libc::{c_int, c_long};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::fd::{AsFd, AsRawFd},
    process::Command,
    sync::mpsc,
};

/// Set for a test that is run by another one, in a process of its own.
const CHILD: &str = "EGRESS_TEST_CHILD";

/// Runs an ignored test of this binary in a process of its own.
fn in_a_process(test: &str) -> std::process::ExitStatus {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--ignored", "--nocapture"])
        .env(CHILD, "1")
        .status()
        .unwrap()
}

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

#[test]
fn every_way_out_is_refused() {
    assert!(in_a_process("sealed::as_sealed").success());
}

#[test]
#[cfg(target_arch = "x86_64")]
fn the_table_of_32_bit_calls_is_refused() {
    use std::os::unix::process::ExitStatusExt;
    let status = in_a_process("sealed::as_sealed_with_32_bit_calls");
    // A kernel without that table answers with a fault.
    assert!(status.success() || status.signal() == Some(libc::SIGSEGV), "{status}");
}

/// A call by its number; its error, if it has one.
fn call(number: c_long, arguments: [usize; 6]) -> Result<c_long, c_int> {
    let [first, second, third, fourth, fifth, sixth] = arguments;
    // SAFETY: the calls of this file are refused, or read and write only what their arguments own.
    let result = unsafe { libc::syscall(number, first, second, third, fourth, fifth, sixth) };
    if result >= 0 { Ok(result) } else { Err(std::io::Error::last_os_error().raw_os_error().unwrap()) }
}

fn word(value: i32) -> usize {
    value.cast_unsigned() as usize
}

/// `sockaddr_in` of 127.0.0.1 at this port, or of nobody (`AF_UNSPEC`).
fn address(family: c_int, port: u16) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: family.try_into().unwrap(),
        sin_port: port.to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from_be_bytes([127, 0, 0, 1]).to_be() },
        sin_zero: [0; 8],
    }
}

/// What a sealed process may hold: a handed socket, a listening one, one that is shut, and a process.
struct Held {
    handed: c_int,
    listening: c_int,
    shut: c_int,
    parent: c_int,
    port: u16,
}

/// Each way out, and the error that it ends with.
fn ways_out(held: &Held) -> Vec<(&'static str, Result<c_long, c_int>)> {
    use libc::{
        AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, AF_UNSPEC, AF_VSOCK, MSG_FASTOPEN, SOCK_DGRAM,
        SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM,
    };
    let socket = |domain, kind| call(libc::SYS_socket, [word(domain), word(kind), 0, 0, 0, 0]);
    let somebody = address(AF_INET, held.port);
    let nobody = address(AF_UNSPEC, 0);
    let somewhere = (&raw const somebody) as usize;
    let nowhere = (&raw const nobody) as usize;
    let length = size_of::<libc::sockaddr_in>();
    let connect = |fd, to| call(libc::SYS_connect, [word(fd), to, length, 0, 0, 0]);
    let mut byte = *b"x";
    let bytes = (&raw mut byte) as usize;
    let mut piece = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
    // SAFETY: a message header of zeros is one that says nothing.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &raw mut piece;
    message.msg_iovlen = 1;
    message.msg_name = (&raw const somebody).cast_mut().cast();
    message.msg_namelen = length.try_into().unwrap();
    let message = (&raw const message) as usize;
    let mut pair = [0_i32; 2];
    let pair = (&raw mut pair) as usize;
    let parent = std::os::unix::process::parent_id() as usize;
    let remote = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
    let remote = (&raw const remote) as usize;
    let no_program = [0_usize; 1];
    let no_program = no_program.as_ptr() as usize;
    let nothing = [0; 6];

    vec![
        ("socket inet", socket(AF_INET, SOCK_STREAM)),
        ("socket inet datagram", socket(AF_INET, SOCK_DGRAM)),
        ("socket inet raw", socket(AF_INET, SOCK_RAW)),
        ("socket inet6", socket(AF_INET6, SOCK_STREAM)),
        ("socket netlink", socket(AF_NETLINK, SOCK_RAW)),
        ("socket packet", socket(AF_PACKET, SOCK_RAW)),
        ("socket vsock", socket(AF_VSOCK, SOCK_STREAM)),
        ("socket unix datagram", socket(AF_UNIX, SOCK_DGRAM)),
        ("socket unix packets", socket(AF_UNIX, SOCK_SEQPACKET)),
        ("socketpair datagram", call(libc::SYS_socketpair, [word(AF_UNIX), word(SOCK_DGRAM), 0, pair, 0, 0])),
        ("connect handed", connect(held.handed, somewhere)),
        ("dissolve handed", connect(held.handed, nowhere)),
        ("connect shut listening", connect(held.shut, somewhere)),
        ("bind", call(libc::SYS_bind, [word(held.shut), somewhere, length, 0, 0, 0])),
        ("listen", call(libc::SYS_listen, [word(held.listening), 5, 0, 0, 0, 0])),
        (
            "sendto fast open",
            call(libc::SYS_sendto, [word(held.shut), bytes, 1, word(MSG_FASTOPEN), somewhere, length]),
        ),
        ("sendto somebody", call(libc::SYS_sendto, [word(held.shut), bytes, 1, 0, somewhere, length])),
        (
            "sendmsg fast open",
            call(libc::SYS_sendmsg, [word(held.shut), message, word(MSG_FASTOPEN), 0, 0, 0]),
        ),
        ("sendmmsg", call(libc::SYS_sendmmsg, [word(held.shut), message, 1, word(MSG_FASTOPEN), 0, 0])),
        (
            "setsockopt repair",
            call(libc::SYS_setsockopt, [word(held.shut), word(libc::IPPROTO_TCP), 19, bytes, 1, 0]),
        ),
        ("io_uring", call(libc::SYS_io_uring_setup, [1, bytes, 0, 0, 0, 0])),
        ("ptrace", call(libc::SYS_ptrace, [libc::PTRACE_SEIZE as usize, parent, 0, 0, 0, 0])),
        ("process_vm_readv", call(libc::SYS_process_vm_readv, [parent, remote, 1, remote, 1, 0])),
        ("process_vm_writev", call(libc::SYS_process_vm_writev, [parent, remote, 1, remote, 1, 0])),
        ("pidfd_open", call(libc::SYS_pidfd_open, [parent, 0, 0, 0, 0, 0])),
        ("pidfd_getfd", call(libc::SYS_pidfd_getfd, [word(held.parent), 0, 0, 0, 0, 0])),
        // If it were let through, this process would end as a failure.
        (
            "execve",
            call(libc::SYS_execve, [c"/bin/false".as_ptr() as usize, no_program, no_program, 0, 0, 0]),
        ),
        ("unshare net", call(libc::SYS_unshare, [word(libc::CLONE_NEWNET), 0, 0, 0, 0, 0])),
        ("setns", call(libc::SYS_setns, [word(held.parent), word(libc::CLONE_NEWNET), 0, 0, 0, 0])),
        ("clone user", call(libc::SYS_clone, [word(libc::CLONE_NEWUSER | libc::SIGCHLD), 0, 0, 0, 0, 0])),
        ("bpf", call(libc::SYS_bpf, nothing)),
        ("keyctl", call(libc::SYS_keyctl, nothing)),
        ("userfaultfd", call(libc::SYS_userfaultfd, nothing)),
        ("perf_event_open", call(libc::SYS_perf_event_open, nothing)),
        ("type into terminal", call(libc::SYS_ioctl, [0, 0x5412, bytes, 0, 0, 0])),
        #[cfg(target_arch = "x86_64")]
        ("x32 socket", call(0x4000_0000 | libc::SYS_socket, [word(AF_INET), word(SOCK_STREAM), 0, 0, 0, 0])),
        #[cfg(target_arch = "x86_64")]
        ("x32 connect", call(0x4000_0000 | libc::SYS_connect, [word(held.handed), nowhere, length, 0, 0, 0])),
    ]
}

fn all_refused(held: &Held, who: &str) {
    for (way, result) in ways_out(held) {
        assert_eq!(result, Err(libc::EPERM), "{way}, {who}");
    }
    for unknown in [libc::SYS_clone3, libc::SYS_mseal + 1, 600] {
        assert_eq!(call(unknown, [0; 6]), Err(libc::ENOSYS), "call {unknown}, {who}");
    }
}

#[expect(clippy::disallowed_methods, reason = "somebody from outside, who is no part of Havn")]
fn call_in(address: std::net::SocketAddr) -> TcpStream {
    TcpStream::connect(address).unwrap()
}

#[test]
#[ignore = "run by every_way_out_is_refused, in a process of its own"]
fn as_sealed() {
    if !is_child() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let somewhere = server.local_addr().unwrap();
    let (desk, connection) = runtime.block_on(async {
        let desk = desk(naming(&[somewhere]));
        let connection = desk.egress.dial(relay_at(somewhere)).await.unwrap();
        (desk, connection)
    });
    let mut other = server.accept().unwrap().0;
    let listening = TcpListener::bind("127.0.0.1:0").unwrap();
    let shut = TcpListener::bind("127.0.0.1:0").unwrap();
    assert_eq!(call(libc::SYS_shutdown, [word(shut.as_raw_fd()), 2, 0, 0, 0, 0]), Ok(0));
    let parent = call(libc::SYS_pidfd_open, [std::os::unix::process::parent_id() as usize, 0, 0, 0, 0, 0]);
    let held = Held {
        handed: connection.as_fd().as_raw_fd(),
        listening: listening.as_raw_fd(),
        shut: shut.as_raw_fd(),
        parent: parent.unwrap().try_into().unwrap(),
        port: somewhere.port(),
    };

    // Somebody comes in while that is still possible to arrange from here.
    let mut caller = call_in(listening.local_addr().unwrap());
    std::thread::scope(|scope| {
        let (go, wait) = mpsc::channel::<()>();
        let held = &held;
        let old_thread = scope.spawn(move || {
            let _ = wait.recv();
            all_refused(held, "thread from before");
        });
        egress::seal().unwrap();
        drop(go);
        old_thread.join().unwrap();
        all_refused(held, "main");
        scope.spawn(|| all_refused(held, "new thread")).join().unwrap();
    });

    // And what a desk lives by goes on.
    let (mut accepted, _) = listening.accept().unwrap();
    caller.write_all(b"in").unwrap();
    let mut two = [0; 2];
    accepted.read_exact(&mut two).unwrap();
    let mut handed = TcpStream::from(connection.as_fd().try_clone_to_owned().unwrap());
    handed.set_nonblocking(false).unwrap();
    handed.write_all(b"out").unwrap();
    let mut three = [0; 3];
    other.read_exact(&mut three).unwrap();
    assert_eq!((&two, &three), (b"in", b"out"));
    std::os::unix::net::UnixStream::pair().unwrap();
    runtime.block_on(async {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        tokio::task::spawn_blocking(|| std::fs::read("/proc/self/status").unwrap()).await.unwrap();
    });
    drop((connection, desk));
}

#[test]
#[cfg(target_arch = "x86_64")]
#[ignore = "run by the_table_of_32_bit_calls_is_refused, in a process of its own"]
fn as_sealed_with_32_bit_calls() {
    if !is_child() {
        return;
    }
    egress::seal().unwrap();
    // Numbers of the 32-bit table: socket, connect, socketcall.
    for number in [359, 362, 102] {
        let mut result: i64 = number;
        // SAFETY: a call that is refused, or opens a socket; `rbx` is given back as it was.
        unsafe {
            std::arch::asm!(
                "push rbx", "mov ebx, 2", "int 0x80", "pop rbx",
                inout("rax") result, in("rcx") 1, in("rdx") 0,
            );
        }
        assert_eq!(result, i64::from(-libc::EPERM), "32-bit call {number}");
    }
}
