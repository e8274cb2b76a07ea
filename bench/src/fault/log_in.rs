//! A15: who is known here, by how a log-in fails. Nobody learns it from the words of the answer, nor from
//! the time that it takes.

use std::{
    collections::BTreeSet,
    io,
    net::Ipv4Addr,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::Finding;
use crate::{
    havn::{Havn, Start},
    http::{Answer, Client},
};

/// Tries of each kind.
const TRIES: usize = 2_000;
/// The same where only the words are compared.
const TRIES_SHORT: usize = 20;
/// People of each kind. One is tried less often than makes Havn say that it was too often, which it forgets
/// when it is started again: so a run has rounds.
const PEOPLE: usize = 20;
const TRIES_EACH: usize = 9;
/// Rounds of tries from one network address: less than makes it too often there.
const SETS_FROM_ONE: usize = 9;
/// Two kinds are told apart if Mann and Whitney's test says so by more than this many deviations: once in a
/// thousand by chance.
const DEVIATIONS_MAX: f64 = 3.29;
/// Or if the medians of their times differ by this.
const MEDIANS_APART_MAX: Duration = Duration::from_millis(1);

/// Kinds of log-ins that fail, and how their addresses begin: all are of one length, so that the answers are.
/// The first is what the others are compared with.
const KINDS: [(&str, &str); 5] = [
    ("wrong password", "known"),
    ("nobody", "never"),
    ("shut out", "loose"),
    ("invited only", "maybe"),
    ("of another account", "known"),
];

/// A15.
pub async fn log_in(program: &Path, short: bool, seed: u64) -> io::Result<Finding> {
    let folder = tempfile::tempdir()?;
    let start = Start::new(program, folder.path());
    let tries = if short { TRIES_SHORT } else { TRIES };
    let mut havn = start.run().await?;
    people(&havn).await?;
    let (mut times, mut words) = (vec![Vec::with_capacity(tries); KINDS.len()], BTreeSet::new());
    let mut chance = Chance(seed);
    let mut sources = 0;
    'rounds: loop {
        for set in 0..PEOPLE * TRIES_EACH {
            if set % SETS_FROM_ONE == 0 {
                sources += 1;
            }
            one_of_each(&havn, (set, sources), &mut chance, &mut times, &mut words).await?;
            if times[0].len() >= tries {
                break 'rounds;
            }
        }
        havn.stop().await;
        havn = start.run().await?;
    }
    havn.stop().await;
    let (told_apart, by_time) = if short { (false, Value::Null) } else { compared(&mut times) };
    let good = words.len() == 1 && !told_apart;
    let mut facts = json!({ "tries of each kind": tries, "different answers": words.len() });
    if let [first, second, ..] = words.iter().collect::<Vec<_>>().as_slice() {
        let differs = first.lines().zip(second.lines()).find(|(one, other)| one != other);
        facts["for instance"] = json!(differs);
    }
    if !short {
        facts["times"] = by_time;
    }
    Ok(Finding::new("A15", good, facts))
}

/// Makes those who can be tried: some who have a password, some of these shut out, some who were invited.
async fn people(havn: &Havn) -> io::Result<()> {
    let mut api = havn.token().await?;
    let mut web = Client::open(&havn.ready.accounts[0].url).await?;
    for kind in ["known", "loose", "maybe"] {
        for number in 0..PEOPLE {
            let new = json!({ "address": address(kind, number), "role": "agent" }).to_string();
            let invited = done(&api.post("/api/v1/agents", "application/json", new.as_bytes()).await?)?;
            if kind == "maybe" {
                continue;
            }
            let link = invited["link"].as_str().unwrap_or_default();
            let path = link.find("/invitations/").map_or("", |at| &link[at..]);
            let form = b"name=Somebody&password=a+long+enough+sentence";
            let taken = web.post(path, "application/x-www-form-urlencoded", form).await?;
            if taken.status != 303 {
                return Err(io::Error::other(format!("an invitation gave {}", taken.status)));
            }
            if kind == "loose" {
                let path = format!("/api/v1/agents/{}", invited["agent"]["id"].as_str().unwrap_or_default());
                done(&api.patch(&path, "application/json", br#"{"disabled":true}"#).await?)?;
            }
        }
    }
    Ok(())
}

fn done(answer: &Answer) -> io::Result<Value> {
    if answer.status >= 300 {
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        return Err(io::Error::other(format!("{}: {text}", answer.status)));
    }
    Ok(serde_json::from_slice(&answer.body)?)
}

fn address(kind: &str, number: usize) -> String {
    format!("{kind}-{number:02}@people.example")
}

/// One try of each kind, in an order of chance, from an address of its own on this machine.
async fn one_of_each(
    havn: &Havn,
    (set, source): (usize, u32),
    chance: &mut Chance,
    times: &mut [Vec<f64>],
    words: &mut BTreeSet<String>,
) -> io::Result<()> {
    let from = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 1, 0, 0)) + source);
    let mut here = Client::open_from(&havn.ready.accounts[0].url, from).await?;
    let mut there = Client::open_from(&havn.ready.accounts[1].url, from).await?;
    // The first request of a connection costs more.
    here.get("/login").await?;
    there.get("/login").await?;
    for kind in chance.order(KINDS.len()) {
        let (name, begins) = KINDS[kind];
        let client = if name == "of another account" { &mut there } else { &mut here };
        let email = address(begins, set % PEOPLE);
        let form = format!("email={}&password=not+the+right+one", email.replace('@', "%40"));
        let began = Instant::now();
        let answer = client.post("/login", "application/x-www-form-urlencoded", form.as_bytes()).await?;
        times[kind].push(began.elapsed().as_secs_f64() * 1_000.0);
        if name != "of another account" {
            words.insert(told(&answer, &email));
        } else if answer.status != 401 {
            words.insert(format!("{} of another account", answer.status));
        }
    }
    Ok(())
}

/// An answer without what differs in every one: time, number and nonce, and the address that was typed.
fn told(answer: &Answer, email: &str) -> String {
    let own =
        |line: &&str| !["date:", "x-request-id:"].iter().any(|name| line.to_lowercase().starts_with(name));
    let head = answer.head.lines().filter(own);
    let whole = head.collect::<Vec<_>>().join("\n") + "\n" + &String::from_utf8_lossy(&answer.body);
    let nonce = whole.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or("none");
    whole.replace(nonce, "NONCE").replace(email, "ADDRESS")
}

/// Whether a kind is told from the first, and what was measured.
fn compared(times: &mut [Vec<f64>]) -> (bool, Value) {
    let mut apart = false;
    let mut shown = Vec::new();
    let first = times[0].clone();
    let usual = median(&mut times[0]);
    for (kind, (name, _)) in KINDS.iter().enumerate().skip(1) {
        let deviations = mann_whitney(&first, &times[kind]);
        let differs = median(&mut times[kind]) - usual;
        apart |= deviations.abs() > DEVIATIONS_MAX;
        apart |= differs.abs() > MEDIANS_APART_MAX.as_secs_f64() * 1_000.0;
        shown.push(format!("{name}: median {differs:+.3} ms, {deviations:+.2} deviations"));
    }
    (apart, json!(format!("{}: median {usual:.3} ms; {}", KINDS[0].0, shown.join("; "))))
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// How many standard deviations the rank sum of the second lies from what it is if both are of one kind
/// (Mann and Whitney 1947; the normal form, good for samples of hundreds).
#[expect(clippy::cast_precision_loss, reason = "some thousand values")]
fn mann_whitney(first: &[f64], second: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = first.iter().map(|value| (*value, false)).collect();
    all.extend(second.iter().map(|value| (*value, true)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ranks: f64 = (1_usize..).zip(&all).filter(|(_, one)| one.1).map(|(rank, _)| rank as f64).sum();
    let (n, m) = (first.len() as f64, second.len() as f64);
    let u = ranks - m * (m + 1.0) / 2.0;
    (u - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt()
}

/// Chance that a seed repeats (the generator `SplitMix64`).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The numbers below `count` in an order of chance.
    fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_cached_key(|_| self.next());
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_is_not_told_apart_and_what_is_later_is() {
        let mut chance = Chance(7);
        #[expect(clippy::cast_precision_loss, reason = "a thousand steps")]
        let mut sample = |more: f64| -> Vec<f64> {
            (0..2_000).map(|_| (chance.next() % 1_000) as f64 / 100.0 + more).collect()
        };
        let (first, same, later) = (sample(0.0), sample(0.0), sample(0.5));
        assert!(mann_whitney(&first, &same).abs() < DEVIATIONS_MAX);
        assert!(mann_whitney(&first, &later) > DEVIATIONS_MAX);
        assert!(mann_whitney(&later, &first) < -DEVIATIONS_MAX);
    }
}
