//! What a fault of the program leaves in the log: its place, and not a word of what it says, for that may
//! be service data.

use std::{io::Write, panic::Location};

/// Where sources of a library lie, on whichever machine it was built.
const REGISTRY: &str = "/registry/src/";

/// From now on a panic says only where it is. To be called first in every process.
pub fn tell_places_only() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".into(), place);
        if tracing::enabled!(tracing::Level::ERROR) {
            tracing::error!(place, "a fault of the program");
        } else {
            // Nobody may be there to hear it.
            let _ = writeln!(std::io::stderr(), "havn: a fault of the program at {place}");
        }
    }));
}

/// File and line, without the folders of the machine that built the program.
fn place(location: &Location<'_>) -> String {
    let file = location.file();
    let library = file.split_once(REGISTRY).and_then(|(_, rest)| rest.split_once('/'));
    let file = library.map_or(file, |(_, file)| file);
    format!("{}:{}", file.trim_start_matches('/'), location.line())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    const SECRET: &str = "kim@post.example-wrote-this";
    const HOW: &str = "HAVN_FAULT_TEST";

    /// A process with the hook, in which the planted panic is.
    #[test]
    #[ignore = "the process of the test below"]
    fn a_process_with_a_fault() {
        let Ok(how) = std::env::var(HOW) else { return };
        super::tell_places_only();
        if how == "logged" {
            crate::log::begin(crate::config::LogFormat::Json, crate::config::LogLevel::Warn);
        }
        assert!(std::thread::spawn(|| panic!("{SECRET}")).join().is_err());
        let joined = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(async { tokio::spawn(async { panic!("{SECRET}") }).await });
        joined.expect("the words of a fault are in the error of a task, too");
    }

    #[test]
    fn a_fault_tells_its_place_and_nothing_else() {
        for how in ["bare", "logged"] {
            let said = Command::new(std::env::current_exe().unwrap())
                .args(["fault::tests::a_process_with_a_fault", "--exact", "--ignored", "--nocapture"])
                .env(HOW, how)
                .output()
                .unwrap();
            let said =
                [&said.stdout, &said.stderr].map(|part| String::from_utf8_lossy(part).into_owned()).concat();
            assert_eq!(said.matches("crates/havn/src/fault.rs:").count(), 3, "{said}");
            assert!(said.contains("a fault of the program") && !said.contains(SECRET), "{said}");
        }
    }

    #[test]
    fn the_machine_that_built_the_program_is_not_named() {
        let place = super::place(std::panic::Location::caller());
        assert!(place.starts_with("crates/havn/src/fault.rs:"), "{place}");
    }
}
