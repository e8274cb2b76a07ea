//! The operator's log and the accounts' checkpoints in it.

use control::{Control, Noted};
use evidence::{Checkpoint, Export, Hash, LogKey, Origin, Proof, verify};
use words::{AccountId, Host, Principal, Task};

use crate::{NOON, Place};

fn host() -> Host {
    "havn.example".parse().unwrap()
}

fn key() -> LogKey {
    LogKey::from_seed(&[7; 32])
}

fn checkpoint(account: AccountId, size: u64, root: &[u8]) -> Checkpoint {
    Checkpoint { origin: Origin::account(&host(), account), size, root: Hash::of_entry(root) }
}

fn note(control: &Control, account: AccountId, checkpoint: &Checkpoint) -> Noted {
    let by = Principal::System(Task::Housekeeping);
    control.note_checkpoint(account, checkpoint, by, NOON).unwrap()
}

#[test]
fn an_accounts_checkpoint_is_noted_once_and_proved() {
    let place = Place::new();
    let account = place.account("acme");
    let (operator, first) = (Origin::operator(&host()), checkpoint(account, 5, b"a"));
    assert_eq!(note(&place.control, account, &first), Noted::Now);
    assert_eq!(note(&place.another(), account, &first), Noted::Before, "whoever comes after a crash");
    assert_eq!(place.control.log_size().unwrap(), 1);
    assert_eq!(place.control.prove_log_entry(0).unwrap(), None, "nothing is signed yet");
    for size in 6..300 {
        assert_eq!(note(&place.control, account, &checkpoint(account, size, b"b")), Noted::Now);
    }
    place.control.sign_log(&operator, &key(), NOON).unwrap();
    let number = place.control.checkpoint_entry(account, 5).unwrap().unwrap();
    let proof = place.control.prove_log_entry(number).unwrap().unwrap();
    let proof = Proof::read(&proof.text()).unwrap();
    let proved = proof.verify_checkpoint(&operator, &key().public(), account, &first).unwrap();
    assert_eq!(proved.size, 295);
    let other = checkpoint(account, 5, b"another");
    assert!(proof.verify_checkpoint(&operator, &key().public(), account, &other).is_err());
    assert_eq!(place.control.checkpoint_entry(account, 4).unwrap(), None);
    assert_eq!(place.control.prove_log_entry(295).unwrap(), None);
}

#[test]
fn two_histories_of_an_account_are_both_shown() {
    let place = Place::new();
    let account = place.account("acme");
    assert_eq!(note(&place.control, account, &checkpoint(account, 5, b"a")), Noted::Now);
    let forked = checkpoint(account, 5, b"b");
    assert_eq!(note(&place.control, account, &forked), Noted::BesideAnother);
    assert_eq!(note(&place.control, account, &forked), Noted::Before);
    assert_eq!(place.control.log_size().unwrap(), 2);
}

#[test]
fn what_is_signed_already_is_not_signed_again() {
    let place = Place::new();
    let (account, operator) = (place.account("acme"), Origin::operator(&host()));
    note(&place.control, account, &checkpoint(account, 1, b"a"));
    let first = place.control.sign_log(&operator, &key(), NOON).unwrap();
    let later = NOON.after(std::time::Duration::from_mins(1));
    assert_eq!(place.control.sign_log(&operator, &key(), later).unwrap(), first);
    let export = place.control.export_log().unwrap().unwrap();
    assert!(verify(&Export::read(&export).unwrap(), &operator, &key().public(), &[&first.note]).is_ok());
}
