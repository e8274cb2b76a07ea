//! Says where everything is, once the desk is ready: to people, or as one JSON line to programs.

use std::{fmt::Write, thread, time::Duration};

use serde_json::{Value, json};

use super::{ACCOUNTS_FILE, Account, folder::Folder, outside::World};
use crate::{Error, Result, config::Config, serve::Running};

/// How often it is looked whether the desk is ready.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Waits in a thread of its own until the desk is ready, then says where everything is.
pub fn when_ready(folder: &Folder, config: &Config, outside: Option<World>, as_json: bool) -> Result<()> {
    let path = folder.path().join(ACCOUNTS_FILE);
    let failed = |source| Error::File { path: path.clone(), source };
    let accounts: Vec<Account> = serde_json::from_slice(&std::fs::read(&path).map_err(failed)?)
        .map_err(|error| failed(error.into()))?;
    let (running_at, place) = (config.running(), folder.path().to_owned());
    let goes = folder.goes();
    thread::Builder::new().name("announce".into()).spawn(move || {
        let running = loop {
            match Running::read(&running_at) {
                Some(running) => break running,
                None => thread::sleep(LOOK_EVERY),
            }
        };
        if as_json {
            println!("{}", line(&accounts, &running, outside.as_ref()));
        } else {
            println!("{}", words(&accounts, &running, outside.as_ref()));
            if !goes {
                println!("All of it lies in {}.", place.display());
            }
        }
    })?;
    Ok(())
}

fn url(account: &Account, running: &Running) -> String {
    let port = running.web.first().map_or(0, std::net::SocketAddr::port);
    format!("http://{}.localhost:{port}", account.slug)
}

fn first(addresses: &[std::net::SocketAddr]) -> String {
    addresses.first().map(ToString::to_string).unwrap_or_default()
}

fn line(accounts: &[Account], running: &Running, outside: Option<&World>) -> Value {
    let accounts: Vec<Value> = accounts
        .iter()
        .map(|account| {
            json!({
                "slug": account.slug,
                "url": url(account, running),
                "mailbox": account.mailbox,
                "token": account.token,
                "agents": account.agents,
            })
        })
        .collect();
    json!({
        "pid": std::process::id(),
        "accounts": accounts,
        "smtp": first(&running.smtp),
        "lmtp": first(&running.lmtp),
        "outside": outside.map(|world| json!({ "smtp": world.smtp, "url": format!("http://{}", world.page) })),
        "metrics": format!("http://{}/metrics", running.metrics),
    })
}

fn words(accounts: &[Account], running: &Running, outside: Option<&World>) -> String {
    let mut words = String::from("\nHavn runs. Look at it in a browser:\n");
    for account in accounts {
        let _ = write!(words, "\n  {}\n    {}\n", account.name, url(account, running));
        for agent in &account.agents {
            let _ = writeln!(words, "    {:34} {:7} password: {}", agent.email, agent.role, agent.password);
        }
        let _ = writeln!(words, "    mail to {:26} API token: {}", account.mailbox, account.token);
    }
    let _ = write!(words, "\n  Mail in: SMTP {}, LMTP {}\n", first(&running.smtp), first(&running.lmtp));
    if let Some(account) = accounts.first() {
        let _ = writeln!(words, "    swaks --server {} --to {}", first(&running.smtp), account.mailbox);
    }
    if let Some(world) = outside {
        let _ = writeln!(words, "  What Havn sends arrives here, and can be answered: http://{}", world.page);
    }
    words.push_str("\n  Ctrl-C ends it.\n");
    words
}
