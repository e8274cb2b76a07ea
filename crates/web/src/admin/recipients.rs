//! `/settings/sub-processors`: who gets the account's data, and how the account stands to each. Everybody of the
//! account may read it.

use axum::response::Response;
use register::{AccountTerms, Held, NotInForce, Register, State as EntryState, day};
use words::{Region, Time};

use crate::{
    agent::{
        page,
        shell::{Counted, shell},
    },
    error::{Error, Result},
    session::Signed,
    view::{
        settings::{self as view, Recipient, Recipients, Stand},
        shell::Here,
    },
};

/// Shows it.
pub async fn show(signed: Signed) -> Result<Response> {
    let counted = signed.store.read(signed.access(), Counted::read).await?;
    let directory = signed.directory().await?;
    let account = signed.state.accounts().by_slug(&signed.account.slug).await?.ok_or(Error::NotFound)?;
    let history = signed.state.control().run(|control| control.register_history()).await?;
    let (register, now) = (&history.register, signed.now());
    let terms = register.accounts.get(&account.id);
    let region = terms.map_or(&account.region, |signed| &signed.terms.region);
    let recipients = Recipients {
        terms: terms.map(|signed| signed.terms.clone()),
        sample: register.operator.sample.clone(),
        recipients: of_region(register, region).map(|held| recipient(terms, held, now)).collect(),
        public: format!("{}/trust?lang={}", signed.state.base().own(), signed.texts().tag()),
        on: day(now),
    };
    let shell = shell(&signed, &directory, &counted, Here::Settings);
    Ok(page(&signed, view::recipients(&shell, &recipients)))
}

/// The entries of the public list that serve accounts of a region.
fn of_region<'r>(register: &'r Register, region: &'r Region) -> impl Iterator<Item = &'r Held> {
    register.listed().filter(move |held| held.entry.serves.is_empty() || held.entry.serves.contains(region))
}

fn recipient(terms: Option<&AccountTerms>, held: &Held, now: Time) -> Recipient {
    let standing = terms.and_then(|terms| terms.standings.get(&held.entry.id));
    Recipient {
        stand: stand(terms, held, now),
        told_at: standing.and_then(|standing| standing.told_at),
        accepted_at: standing.and_then(|standing| standing.accepted_at),
        held: held.clone(),
    }
}

/// How an account stands to an entry. What shuts it comes first, in the order of the door.
fn stand(terms: Option<&AccountTerms>, held: &Held, now: Time) -> Stand {
    if held.entry.sample {
        return Stand::Sample;
    }
    let standing = terms.and_then(|terms| terms.standings.get(&held.entry.id));
    if let Some(objection) = standing.and_then(|standing| standing.objection.clone()) {
        return Stand::Objects(objection);
    }
    if held.state == EntryState::Suspended {
        return Stand::Suspended;
    }
    let Some(terms) = terms else { return Stand::Unsigned };
    // One that is announced would be in force from now on at the earliest.
    match terms.in_force_from(&held.entry.id, held.active_since.unwrap_or(now)) {
        Ok(from) if from > now => Stand::MayObject { until: from },
        Ok(from) if held.state == EntryState::Active => Stand::InForce { since: from },
        Ok(_) => Stand::Announced,
        Err(NotInForce::NotAccepted) => Stand::WantsYes,
        Err(_) => Stand::NotTold { bounced: standing.is_some_and(|standing| standing.bounced) },
    }
}

#[cfg(test)]
mod tests {
    use register::{Authorisation, Document, Objection, Standing, Terms};

    use super::*;

    const NOON: Time = Time::from_seconds(1_795_608_000);
    const DAY: i64 = 86_400;

    fn at(days: i64) -> Time {
        Time::from_seconds(NOON.seconds() + days * DAY)
    }

    fn held(state: EntryState, sample: bool) -> Held {
        let text = include_str!("../../../../demo/register-corrected.toml");
        let mut entry = Document::read(text).unwrap().entries.remove(0);
        entry.sample = sample;
        let active_since = (state == EntryState::Active).then(|| at(-10));
        Held { entry, state, since: at(-10), active_since, changed_at: at(-10) }
    }

    fn terms(authorisation: Authorisation, signed: i64, standing: Standing) -> AccountTerms {
        let id = held(EntryState::Active, false).entry.id;
        AccountTerms {
            terms: Terms {
                authorisation,
                objection_days: 30,
                region: "eu".parse().unwrap(),
                signed_at: at(signed),
            },
            standings: [(id, standing)].into(),
        }
    }

    #[test]
    fn each_account_is_told_how_it_stands() {
        use {Authorisation::*, EntryState::*};
        let told = |days| Standing { told_at: Some(at(days)), ..Standing::default() };
        let yes = Standing { accepted_at: Some(at(-3)), ..Standing::default() };
        let objects = Standing {
            objection: Some(Objection { at: at(-2), reason: "no".into(), answer: None }),
            ..told(-90)
        };
        let bounced = Standing { bounced: true, ..Standing::default() };
        let general = |signed, standing| Some(terms(General, signed, standing));
        let cases = [
            ("signed after it was active", general(-5, Standing::default()), Active, "InForce"),
            ("said yes", general(-50, yes), Active, "InForce"),
            ("silence, and the time is over", general(-99, told(-60)), Active, "InForce"),
            ("told lately", general(-50, told(-5)), Active, "MayObject"),
            ("announced and told lately", general(-50, told(-5)), Announced, "MayObject"),
            ("announced, and the time is over", general(-99, told(-60)), Announced, "Announced"),
            ("not told", general(-50, Standing::default()), Active, "NotTold { bounced: false }"),
            ("came back", general(-50, bounced), Active, "NotTold { bounced: true }"),
            ("objects, whatever else", general(-5, objects.clone()), Active, "Objects"),
            ("objects, and it is suspended", general(-5, objects), Suspended, "Objects"),
            ("suspended", general(-5, Standing::default()), Suspended, "Suspended"),
            ("nothing signed", None, Active, "Unsigned"),
            ("asks for a yes", Some(terms(Specific, -50, told(-90))), Active, "WantsYes"),
        ];
        for (case, terms, state, expected) in cases {
            let found = format!("{:?}", stand(terms.as_ref(), &held(state, false), NOON));
            assert!(found.starts_with(expected), "{case}: {found}");
        }
        let signed = terms(General, -5, Standing::default());
        assert!(matches!(stand(Some(&signed), &held(Active, true), NOON), Stand::Sample));
    }
}
