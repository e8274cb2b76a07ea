//! Control data's suite, on a real file.

mod attempts;
mod automatic_mail;
mod directory;
mod evidence;
mod file;
mod homes;
mod register;

use control::{Control, Here, NewAccount};
use tempfile::TempDir;
use words::{AccountId, Time};

/// The instant at which tests begin.
const NOON: Time = Time::from_seconds(1_795_000_000);

/// Control data in a folder of its own.
struct Place {
    folder: TempDir,
    control: Control,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let control = Control::open(folder.path(), &[], NOON).unwrap();
        control.declare_data_centre(&here(), NOON).unwrap();
        Self { folder, control }
    }

    /// Another process on the same folder.
    fn another(&self) -> Control {
        Control::open(self.folder.path(), &[], NOON).unwrap()
    }

    /// An account in use.
    fn account(&self, slug: &str) -> AccountId {
        let id = self.control.begin_account(&new_account(slug), NOON).unwrap().id;
        self.control.activate_account(id).unwrap();
        id
    }
}

fn here() -> Here {
    Here { data_centre: "aarhus-1".parse().unwrap(), region: "eu".parse().unwrap() }
}

fn new_account(slug: &str) -> NewAccount {
    NewAccount {
        id: AccountId::new(NOON),
        slug: slug.parse().unwrap(),
        region: here().region,
        wrapped_key: vec![1; 73],
        data_centre: here().data_centre,
    }
}
