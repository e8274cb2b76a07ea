//! How sub-processors are chosen and bound: the way, what the operator states, and the duties with how many
//! entries have a clause for each.

use jiff::civil::Date;
use maud::{Markup, html};
use register::{Duty, Operator, Register};

use super::{table, wording};
use crate::language::Texts;

/// How many of the duties are those of the page; law adds the others.
const FIRST: usize = 5;

/// Where a duty is from.
const fn source(duty: Duty) -> &'static str {
    match duty {
        Duty::Instructions => "GDPR 28(3)(a), 29",
        Duty::Confidentiality => "GDPR 28(3)(b), 32(4)",
        Duty::Training => "GDPR 32(4)",
        Duty::Measures => "GDPR 28(3)(c), 32",
        Duty::Breaches => "GDPR 28(3)(e)-(f), 33(2)",
        Duty::FurtherProcessors => "GDPR 28(3)(d)",
        Duty::Deletion => "GDPR 28(3)(g)",
        Duty::Audits => "GDPR 28(3)(h)",
        Duty::UnlawfulInstructions => "GDPR 28(3)",
        Duty::ContractCopy => "SCC 2021/915, 7.7(c)",
        Duty::FailureNotice => "SCC 2021/915, 7.7(d)",
        Duty::StepIn => "SCC 2021/915, 7.7(e)",
        Duty::LimitedAccess => "SCC 2021/915, 7.4(b)",
    }
}

pub(super) fn chosen(t: &Texts, register: &Register, on: Date) -> Markup {
    let stated = stated(t, &register.operator);
    html! {
        ol.steps {
            li { (t.get("trust-chosen-1")) }
            li { (t.get("trust-chosen-2")) }
            li { (t.get("trust-chosen-3")) }
        }
        @if !stated.is_empty() {
            h3 { (t.get("trust-stated-title")) }
            ul.stated { @for sentence in stated { li { (sentence) } } }
        }
        (duties(t, register, on))
    }
}

fn stated(t: &Texts, operator: &Operator) -> Vec<String> {
    let (days, channel) = (operator.notice_days, operator.notice_channel.as_deref());
    let notice = match (days.map(|days| days.to_string()), channel) {
        (Some(days), Some(channel)) => {
            t.with("trust-stated-notice", &[("days", days.into()), ("channel", channel.into())])
        }
        (Some(days), None) => t.with("trust-stated-days", &[("days", days.into())]),
        (None, Some(channel)) => t.with("trust-stated-channel", &[("channel", channel.into())]),
        (None, None) => t.get("trust-stated-no-notice").into(),
    };
    let agreement = operator.agreement_by.as_deref();
    let binding = operator.binding.map(|binds| {
        t.get(if binds { "trust-stated-binding" } else { "trust-stated-not-binding" }).to_owned()
    });
    let regions = (!operator.regions.is_empty()).then(|| wording::regions(t, &operator.regions));
    let regions =
        regions.map(|regions| t.with("trust-stated-regions", &[("regions", regions.into())]).into_owned());
    let consent = operator.consent_before_looking == Some(true);
    let with_how = |how: &str| t.with("trust-stated-agreement", &[("how", how.into())]).into_owned();
    [regions, Some(notice.into_owned()), agreement.map(with_how), binding]
        .into_iter()
        .chain([consent.then(|| t.get("trust-stated-consent").to_owned())])
        .flatten()
        .collect()
}

fn duties(t: &Texts, register: &Register, on: Date) -> Markup {
    let all = register.listed().count();
    let caption = t.with("trust-duties-caption", &[("count", all.to_string().into())]);
    let (first, further) = Duty::ALL.split_at(FIRST);
    let states_any = !register.operator.duties_stated.is_empty();
    let rows = |title: &str, duties: &[Duty]| {
        html! {
            tbody {
                tr { th.group colspan=(if states_any { 4 } else { 3 }) scope="rowgroup" { (title) } }
                @for duty in duties {
                    tr {
                        th scope="row" { (wording::duty(t, *duty)) }
                        td.law { (source(*duty)) }
                        td.number { (with_clause(t, register, *duty, on, all)) }
                        @if states_any {
                            td { @if register.operator.duties_stated.contains(duty) { (t.get("trust-yes")) } @else { "–" } }
                        }
                    }
                }
            }
        }
    };
    table(
        &caption,
        &html! {
            thead { tr {
                th scope="col" { (t.get("trust-duty")) }
                th scope="col" { (t.get("trust-duty-source")) }
                th.number scope="col" { (t.get("trust-duty-clauses")) }
                @if states_any { th scope="col" { (t.get("trust-duty-stated")) } }
            } }
            (rows(t.get("trust-duties-first"), first))
            (rows(t.get("trust-duties-further"), further))
        },
    )
}

fn with_clause(t: &Texts, register: &Register, duty: Duty, on: Date, all: usize) -> String {
    let some = register
        .listed()
        .filter(|held| held.entry.duties.iter().any(|record| record.duty == duty && record.binds(on)));
    let values = [("some", some.count().to_string().into()), ("all", all.to_string().into())];
    t.with("trust-of", &values).into_owned()
}
