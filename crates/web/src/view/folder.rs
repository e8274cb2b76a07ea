//! Which conversations a list shows, as it stands in the address of the page.

use std::fmt::Write as _;

use words::{DepartmentId, TagId};

/// The lists that everybody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Folder {
    /// Open ones.
    Open,
    /// Open and assigned to the one who looks.
    Mine,
    /// Open and assigned to nobody.
    Unassigned,
    /// Put off until later.
    Snoozed,
    /// Closed ones.
    Closed,
    /// Taken for spam.
    Spam,
}

impl Folder {
    /// All that there are, in the order of the rail.
    pub const ALL: [Self; 6] =
        [Self::Open, Self::Mine, Self::Unassigned, Self::Snoozed, Self::Closed, Self::Spam];

    /// The value of `status=`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Mine => "mine",
            Self::Unassigned => "unassigned",
            Self::Snoozed => "snoozed",
            Self::Closed => "closed",
            Self::Spam => "spam",
        }
    }

    /// The folder with this `status=`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|folder| folder.name() == name)
    }

    /// The key of its title.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Open => "folder-open",
            Self::Mine => "folder-mine",
            Self::Unassigned => "folder-unassigned",
            Self::Snoozed => "folder-snoozed",
            Self::Closed => "folder-closed",
            Self::Spam => "folder-spam",
        }
    }
}

/// What a list is narrowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    /// The folder.
    pub folder: Folder,
    /// Only this department.
    pub department: Option<DepartmentId>,
    /// Only with this tag.
    pub tag: Option<TagId>,
}

impl Filter {
    /// A folder as a whole.
    pub const fn folder(folder: Folder) -> Self {
        Self { folder, department: None, tag: None }
    }

    /// The query of the page's address, without `?` and without the place in the list.
    pub fn query(&self) -> String {
        let mut query = String::with_capacity(140);
        query.push_str("status=");
        query.push_str(self.folder.name());
        if let Some(department) = self.department {
            let _ = write!(query, "&department={department}");
        }
        if let Some(tag) = self.tag {
            let _ = write!(query, "&tag={tag}");
        }
        query
    }
}
