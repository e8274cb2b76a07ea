//! Who gets our data: the sub-processors of an account, with how it stands to each.

use jiff::civil::Date;
use maud::{Markup, html};
use register::{Authorisation, Held, Objection, Terms};
use words::Time;

use super::{Section, nothing_yet};
use crate::{
    language::Texts,
    view::{
        icon,
        shell::Shell,
        trust::{badges, entry_name, facts, wording::day_of},
    },
};

/// The page.
pub struct Recipients {
    /// What the account signed; none: nothing yet.
    pub terms: Option<Terms>,
    /// Words that say that the list is an example.
    pub sample: Option<String>,
    /// Who serves accounts of its region.
    pub recipients: Vec<Recipient>,
    /// The address of the whole public list.
    pub public: String,
    /// By which day certificates and the like are judged.
    pub on: Date,
}

/// Somebody who gets data, or could.
pub struct Recipient {
    /// Who, and how far they have come.
    pub held: Held,
    /// How the account stands to them.
    pub stand: Stand,
    /// When it was told of them.
    pub told_at: Option<Time>,
    /// When it said yes.
    pub accepted_at: Option<Time>,
}

/// How an account stands to an entry.
#[derive(Debug)]
pub enum Stand {
    /// It is an example.
    Sample,
    /// It objects.
    Objects(Objection),
    /// The entry is shut for everybody.
    Suspended,
    /// It has signed nothing.
    Unsigned,
    /// It may object until then; then silence accepts.
    MayObject {
        /// The first moment at which it may no more.
        until: Time,
    },
    /// It may be used.
    InForce {
        /// Since when.
        since: Time,
    },
    /// It is not used yet, and the time to object is over.
    Announced,
    /// Its agreement asks for its yes.
    WantsYes,
    /// It was not told yet.
    NotTold {
        /// The notice came back.
        bounced: bool,
    },
}

/// The page at `/settings/sub-processors`.
pub fn recipients(shell: &Shell, page: &Recipients) -> Markup {
    let t = shell.head.texts;
    let content = html! {
        @if let Some(sample) = &page.sample {
            p.caution { (icon::INFO) span { strong { (t.get("trust-sample-title")) } " – " (sample) br; (t.get("trust-sample-text")) } }
        }
        p.recipients-terms { (terms(t, page.terms.as_ref())) " "
            a.link href=(page.public) target="_blank" { (t.get("trust-mine-public")) } }
        @if page.recipients.is_empty() { (nothing_yet(t.get("trust-mine-none"))) }
        ul.lines role="list" { @for one in &page.recipients { (recipient(t, one, page.on)) } }
    };
    super::page(shell, Section::Recipients, t.get("trust-mine-about"), &content)
}

fn terms(t: &Texts, terms: Option<&Terms>) -> String {
    let Some(terms) = terms else { return t.get("trust-mine-unsigned").to_owned() };
    match terms.authorisation {
        Authorisation::General => {
            let days = terms.objection_days.to_string();
            t.with("trust-mine-terms-general", &[("days", days.into())]).into_owned()
        }
        Authorisation::Specific => t.get("trust-mine-terms-specific").to_owned(),
    }
}

fn recipient(t: &Texts, one: &Recipient, on: Date) -> Markup {
    let entry = &one.held.entry;
    html! {
        li.line-item id={ "recipient-" (entry.id) } {
            details {
                summary.line-head {
                    span.line-name { (entry_name(t, entry)) } (badges(t, &one.held))
                    span.line-about { (stand(t, &one.stand)) }
                    (icon::CHEVRON_DOWN)
                }
                div.line-body {
                    div {
                        @if let Some(task) = &entry.task { p { (task) } }
                        (said(t, one))
                        dl.particulars { (facts(t, entry, on)) }
                    }
                }
            }
        }
    }
}

fn stand(t: &Texts, stand: &Stand) -> String {
    match stand {
        Stand::Sample => t.get("trust-mine-sample").to_owned(),
        Stand::Objects(objection) => {
            t.with("trust-mine-objects", &[("date", day_of(t, objection.at).into())]).into_owned()
        }
        Stand::Suspended => t.get("trust-mine-suspended").to_owned(),
        Stand::Unsigned => t.get("trust-mine-unsigned-entry").to_owned(),
        Stand::MayObject { until } => {
            let last = day_of(t, Time::from_micros(until.micros() - 1));
            t.with("trust-mine-may-object", &[("date", last.into())]).into_owned()
        }
        Stand::InForce { since } => {
            t.with("trust-mine-in-force", &[("date", day_of(t, *since).into())]).into_owned()
        }
        Stand::Announced => t.get("trust-mine-silence").to_owned(),
        Stand::WantsYes => t.get("trust-mine-wants-yes").to_owned(),
        Stand::NotTold { bounced: false } => t.get("trust-mine-not-told").to_owned(),
        Stand::NotTold { bounced: true } => t.get("trust-mine-bounced").to_owned(),
    }
}

/// What was said between account and operator.
fn said(t: &Texts, one: &Recipient) -> Markup {
    let told = one.told_at.map(|at| t.with("trust-mine-told", &[("date", day_of(t, at).into())]));
    let accepted = one.accepted_at.map(|at| t.with("trust-mine-accepted", &[("date", day_of(t, at).into())]));
    html! {
        ul.recipient-said role="list" {
            @for sentence in told.into_iter().chain(accepted) { li { (sentence) } }
            @if let Stand::Objects(objection) = &one.stand {
                li { (t.with("trust-mine-reason", &[("reason", objection.reason.as_str().into())])) }
                li { @match &objection.answer {
                    Some(answer) => (t.with("trust-mine-answer", &[("answer", answer.as_str().into())])),
                    None => (t.get("trust-mine-no-answer")),
                } }
            }
        }
    }
}
