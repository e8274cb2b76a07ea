//! The files of a Maildir or of a folder of mails, in the order of their dates.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use letter::Letter;

/// So much of a file is read for its date.
const HEAD_BYTES_MAX: u64 = 16 * 1024;
/// Folders in folders.
const DEPTH_MAX: usize = 16;

/// The mails that come after a position: in the order of their dates, so that a letter comes before the
/// answer to it, then of their paths.
pub fn after(folder: &Path, position: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(folder, 0, &mut found)?;
    found.sort_by_cached_key(|path| (dated_at(path), path.clone()));
    let begun = found.iter().position(|path| path.to_string_lossy() == position).map_or(0, |at| at + 1);
    Ok(found.split_off(begun))
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let is_maildir = folder.join("cur").is_dir() || folder.join("new").is_dir();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir() {
            // What lies in `tmp` of a Maildir was never delivered.
            if depth < DEPTH_MAX && !(is_maildir && name == "tmp") {
                collect(&path, depth + 1, found)?;
            }
        } else if kind.is_file() && (is_mail_of_maildir(folder, &name) || is_mail_by_name(&name)) {
            found.push(path);
        }
    }
    Ok(())
}

fn is_mail_of_maildir(folder: &Path, name: &str) -> bool {
    folder.file_name().is_some_and(|folder| folder == "cur" || folder == "new") && !name.starts_with('.')
}

fn is_mail_by_name(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("eml"))
}

fn dated_at(path: &Path) -> Option<words::Time> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(HEAD_BYTES_MAX).read_to_end(&mut head).ok()?;
    Letter::read(&head).date
}
