//! Processes of the demo beside door and desk: started, waited for, ended with it.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{SignalKind, signal};

use crate::{Error, Result};

/// The running program, also when the file behind its name was replaced meanwhile.
const THIS_PROGRAM: &str = "/proc/self/exe";

/// A process that ends with this value.
pub struct Beside(Child);

impl Beside {
    /// Starts this program with other words, and waits for its first line.
    pub fn start(words: &[&OsStr], dir: &Path) -> Result<(Self, String)> {
        let mut child = command(words, dir).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or(std::io::Error::from(std::io::ErrorKind::BrokenPipe))?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        Ok((Self(child), line))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = kill_process(Pid::from_child(&self.0), Signal::TERM);
        let _ = self.0.wait();
    }
}

/// Runs this program with other words to its end; a signal that asks us to end, ends it, and is an error.
pub fn run(words: &[&OsStr], dir: &Path) -> Result<ExitStatus> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut child = tokio::process::Command::from(command(words, dir)).kill_on_drop(true).spawn()?;
        let (mut end, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        tokio::select! {
            status = child.wait() => Ok(status?),
            _ = end.recv() => Err(Error::Told("ended before it began".into())),
            _ = interrupt.recv() => Err(Error::Told("ended before it began".into())),
        }
    })
}

fn command(words: &[&OsStr], dir: &Path) -> Command {
    let mut command = Command::new(THIS_PROGRAM);
    command.arg0("havn").args(words).arg("--dir").arg(dir).stdin(Stdio::null());
    command
}
