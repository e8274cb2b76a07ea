//! Findings on what was observed, and on what accounts said.

use std::collections::BTreeMap;

use super::{Code, Finding, Observed, on_entry, on_page};
use crate::{Entry, Register, State};

pub(super) fn check(register: &Register, observed: &[Observed]) -> Vec<Finding> {
    [undeclared(register, observed), unused(register, observed), shared(register), standings(register)]
        .concat()
}

fn is_of(entry: &Entry, flow: &Observed) -> bool {
    entry.endpoints.iter().any(|endpoint| endpoint.port == flow.port && endpoint.host.matches(&flow.host))
}

fn undeclared(register: &Register, observed: &[Observed]) -> Vec<Finding> {
    let declared =
        |flow: &&Observed| register.listed().any(|held| !held.entry.sample && is_of(&held.entry, flow));
    let undeclared = observed.iter().filter(|flow| flow.on_entry && !declared(flow));
    undeclared
        .map(|flow| {
            let (host, port) = (flow.host.as_str(), flow.port);
            on_page(
                Code::ObservedNotDeclared,
                format!("bytes went to {host}:{port} for {}, and no entry names it", flow.purpose.name()),
            )
        })
        .collect()
}

fn unused(register: &Register, observed: &[Observed]) -> Vec<Finding> {
    let active = register.listed().filter(|held| held.state == State::Active && !held.entry.sample);
    active
        .filter(|held| !held.entry.endpoints.is_empty())
        .filter(|held| !observed.iter().any(|flow| is_of(&held.entry, flow)))
        .map(|held| {
            let sentence = format!("{}: nothing was ever sent to its hosts", held.entry.shown());
            on_entry(Code::DeclaredNeverUsed, &held.entry.id, sentence)
        })
        .collect()
}

fn shared(register: &Register) -> Vec<Finding> {
    let mut owners = BTreeMap::new();
    let mut findings = Vec::new();
    for held in register.listed() {
        for endpoint in &held.entry.endpoints {
            let place = (&endpoint.host, endpoint.port);
            let Some(other) = owners.insert(place, held.entry.id.clone()) else { continue };
            if other != held.entry.id {
                let sentence = format!("{}:{} is also a host of {other}", endpoint.host, endpoint.port);
                findings.push(on_entry(Code::EndpointShared, &held.entry.id, sentence));
            }
        }
    }
    findings
}

fn standings(register: &Register) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (account, held) in &register.accounts {
        for (entry, standing) in &held.standings {
            if standing.objection.as_ref().is_some_and(|objection| objection.answer.is_none()) {
                let sentence = format!("account {account} objects to {entry}, and has no answer");
                findings.push(on_entry(Code::ObjectionUnanswered, entry, sentence));
            }
            if standing.bounced {
                let sentence =
                    format!("the notice to account {account} came back: its clock has not started");
                findings.push(on_entry(Code::NoticeBounced, entry, sentence));
            }
        }
    }
    findings
}
