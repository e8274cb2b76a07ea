//! The filter's rules as the small program that the kernel runs before each system call.

use libc::{
    AF_UNIX, BPF_ABS, BPF_ALU, BPF_AND, BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JMP, BPF_JSET, BPF_K, BPF_LD, BPF_RET,
    BPF_W, EPERM, MSG_FASTOPEN, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, SOCK_STREAM, c_long,
};
use seccompiler::sock_filter;

/// `AUDIT_ARCH_…` of `include/uapi/linux/audit.h`: calls by any other table of numbers are refused.
#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7;

/// From here on a number means the x32 table (`__X32_SYSCALL_BIT`).
#[cfg(target_arch = "x86_64")]
const X32: u32 = 0x4000_0000;

/// The newest call that was looked at. What a later kernel adds is answered as if it did not exist.
const NEWEST_KNOWN: c_long = libc::SYS_mseal;

/// What is always refused.
const REFUSED: &[c_long] = &[
    // To reach somebody, or let somebody reach a handed socket.
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_sendmmsg,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    // To take over another process, its memory or its descriptors.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // To become another program, or get other rights, namespaces or keys.
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_chroot,
    libc::SYS_pivot_root,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_move_mount,
    libc::SYS_mount_setattr,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_open_by_handle_at,
    libc::SYS_mknodat,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    // To reach into the kernel.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_fanotify_init,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
];

/// Refused, and there on this architecture only.
#[cfg(target_arch = "x86_64")]
const REFUSED_HERE: &[c_long] = &[libc::SYS_mknod, libc::SYS_ioperm, libc::SYS_iopl, libc::SYS_modify_ldt];
#[cfg(target_arch = "aarch64")]
const REFUSED_HERE: &[c_long] = &[];

/// `CLONE_NEW…`: any of them makes a namespace.
const NEW_NAMESPACE: u32 = 0x7e02_0000;

/// Requests of `ioctl` that type into a terminal, as if somebody sat there (`TIOCSTI`, `TIOCLINUX`).
const TYPE_INTO_TERMINAL: [u32; 2] = [0x5412, 0x541c];

/// Options of a TCP socket that open a connection in another way (`TCP_REPAIR`,
/// `TCP_FASTOPEN_CONNECT`).
const OTHER_WAYS_TO_CONNECT: [u32; 2] = [19, 30];

const PERMIT: u32 = SECCOMP_RET_ALLOW;
const REFUSE: u32 = SECCOMP_RET_ERRNO | EPERM as u32;
const NO_SUCH_CALL: u32 = SECCOMP_RET_ERRNO | libc::ENOSYS as u32;

/// Offsets in the kernel's `struct seccomp_data`.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;

/// The lower half of an argument; the kernel itself looks at no more of an `int`.
const fn argument(index: u32) -> u32 {
    16 + 8 * index
}

const fn upper_half(index: u32) -> u32 {
    argument(index) + 4
}

/// The whole filter. Each rule looks at the number of the call, and answers if it is its own.
pub fn program() -> Vec<sock_filter> {
    let mut program = vec![load(ARCH), skip_if_equal(ARCHITECTURE, 1), answer(REFUSE), load(NUMBER)];
    #[cfg(target_arch = "x86_64")]
    program.extend([skip_unless(BPF_JGE, X32, 1), answer(REFUSE)]);
    program.extend([skip_unless(BPF_JGT, number(NEWEST_KNOWN), 1), answer(NO_SUCH_CALL)]);
    for call in REFUSED.iter().chain(REFUSED_HERE) {
        program.extend(rule(*call, &[answer(REFUSE)]));
    }
    // Its flags lie in memory, where a filter cannot look; the C library then takes `clone`.
    program.extend(rule(libc::SYS_clone3, &[answer(NO_SUCH_CALL)]));
    program.extend(rule(libc::SYS_clone, &refuse_if_any(argument(0), NEW_NAMESPACE)));
    program.extend(rule(libc::SYS_socket, &unix_streams_only()));
    program.extend(rule(libc::SYS_socketpair, &unix_streams_only()));
    program.extend(rule(libc::SYS_sendto, &send_to_nobody_named()));
    program.extend(rule(libc::SYS_sendmsg, &refuse_if_any(argument(2), flag(MSG_FASTOPEN))));
    program.extend(rule(libc::SYS_ioctl, &refuse_if_one_of(argument(1), TYPE_INTO_TERMINAL)));
    program.extend(rule(libc::SYS_setsockopt, &no_other_way_to_connect()));
    program.push(answer(PERMIT));
    program
}

/// What follows is for this call alone, and answers in every case.
fn rule(call: c_long, answers: &[sock_filter]) -> Vec<sock_filter> {
    let length = u8::try_from(answers.len()).expect("a rule is short");
    let mut rule = vec![skip_unless(BPF_JEQ, number(call), length)];
    rule.extend_from_slice(answers);
    rule
}

/// A datagram names whom it goes to, without `connect`; other kinds are not needed.
fn unix_streams_only() -> [sock_filter; 7] {
    [
        load(argument(0)),
        skip_unless(BPF_JEQ, flag(AF_UNIX), 4),
        load(argument(1)),
        instruction(BPF_ALU | BPF_AND | BPF_K, 0xf, 0, 0),
        skip_unless(BPF_JEQ, flag(SOCK_STREAM), 1),
        answer(PERMIT),
        answer(REFUSE),
    ]
}

fn send_to_nobody_named() -> [sock_filter; 8] {
    [
        load(argument(3)),
        skip_if(BPF_JSET, flag(MSG_FASTOPEN), 5),
        load(argument(4)),
        skip_unless(BPF_JEQ, 0, 3),
        load(upper_half(4)),
        skip_unless(BPF_JEQ, 0, 1),
        answer(PERMIT),
        answer(REFUSE),
    ]
}

fn no_other_way_to_connect() -> [sock_filter; 7] {
    [
        load(argument(1)),
        skip_unless(BPF_JEQ, flag(libc::IPPROTO_TCP), 3),
        load(argument(2)),
        skip_if(BPF_JEQ, OTHER_WAYS_TO_CONNECT[0], 2),
        skip_if(BPF_JEQ, OTHER_WAYS_TO_CONNECT[1], 1),
        answer(PERMIT),
        answer(REFUSE),
    ]
}

fn refuse_if_any(offset: u32, bits: u32) -> [sock_filter; 4] {
    [load(offset), skip_unless(BPF_JSET, bits, 1), answer(REFUSE), answer(PERMIT)]
}

fn refuse_if_one_of(offset: u32, values: [u32; 2]) -> [sock_filter; 5] {
    [
        load(offset),
        skip_if(BPF_JEQ, values[0], 2),
        skip_if(BPF_JEQ, values[1], 1),
        answer(PERMIT),
        answer(REFUSE),
    ]
}

fn load(offset: u32) -> sock_filter {
    instruction(BPF_LD | BPF_W | BPF_ABS, offset, 0, 0)
}

fn answer(action: u32) -> sock_filter {
    instruction(BPF_RET | BPF_K, action, 0, 0)
}

fn skip_if_equal(value: u32, instructions: u8) -> sock_filter {
    skip_if(BPF_JEQ, value, instructions)
}

fn skip_if(test: u32, value: u32, instructions: u8) -> sock_filter {
    instruction(BPF_JMP | test | BPF_K, value, instructions, 0)
}

fn skip_unless(test: u32, value: u32, instructions: u8) -> sock_filter {
    instruction(BPF_JMP | test | BPF_K, value, 0, instructions)
}

fn instruction(code: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code: u16::try_from(code).expect("a code is short"), jt, jf, k }
}

fn number(call: c_long) -> u32 {
    u32::try_from(call).expect("numbers of calls are small")
}

fn flag(value: i32) -> u32 {
    value.cast_unsigned()
}
