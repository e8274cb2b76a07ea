//! Anybody at the operator's host: who gets data, now and before. No cookie, no script, nothing of an account.

mod answer;
mod feed;
mod json;
mod pages;
mod trust;
mod version;
mod versions;

pub use pages::Pages;
pub use version::Version;

use register::{Code, Finding, Register, check};
use words::Time;

pub use answer::problem;
pub use feed::show as feed;
pub use json::show as json;
pub use trust::show as trust;
pub use versions::{differences, index as versions, show as version};

/// What a reader of the list could stumble over. Not what accounts said, which is theirs; nor what was
/// observed, which each account sees for itself; nor that earlier versions are missing, which these pages
/// have, unless a sample shows how another page was.
fn findings(register: &Register, at: Time) -> Vec<Finding> {
    let is_sample = register.operator.sample.is_some();
    let is_readers = |finding: &Finding| match finding.code {
        Code::ObservedNotDeclared
        | Code::DeclaredNeverUsed
        | Code::ObjectionUnanswered
        | Code::NoticeBounced => false,
        Code::NoEarlierVersion => is_sample,
        _ => true,
    };
    check(register, &[], at).into_iter().filter(is_readers).collect()
}
