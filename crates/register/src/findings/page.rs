//! Findings on the page as a whole.

use super::{Code, Finding, on_page};
use crate::Register;

pub(super) fn check(register: &Register) -> Vec<Finding> {
    if register.listed().next().is_none() {
        return Vec::new();
    }
    let operator = &register.operator;
    let mut findings = Vec::new();
    if operator.binding == Some(false) {
        findings.push(on_page(
            Code::PageNotBinding,
            "the page says that it does not bind, and Art. 28(4) GDPR asks for what binds",
        ));
    }
    if operator.earlier_versions.is_none() {
        findings.push(on_page(
            Code::NoEarlierVersion,
            "no earlier version is to be had, so that nobody can tell what changed",
        ));
    }
    if operator.notice_days.is_none() {
        findings.push(on_page(Code::NoNoticeDate, "it is not said how long before a change one is told"));
    }
    if operator.notice_channel.is_none() {
        findings.push(on_page(
            Code::NoNoticeChannel,
            "it is not said by which channel changes are told; a page to visit informs nobody",
        ));
    }
    findings
}
