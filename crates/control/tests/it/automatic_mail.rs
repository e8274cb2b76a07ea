//! One short automatic mail per address and day, over all accounts.

use std::time::Duration;

use crate::{NOON, Place};

#[test]
fn one_a_day_whoever_asks() {
    let place = Place::new();
    let another = place.another();
    let (carla, dan) = ("carla@contact.example".parse().unwrap(), "dan@contact.example".parse().unwrap());
    let upper = "CARLA@contact.example".parse().unwrap();
    assert!(place.control.claim_automatic_mail(&carla, NOON).unwrap());
    assert!(!place.control.claim_automatic_mail(&carla, NOON).unwrap());
    assert!(!another.claim_automatic_mail(&upper, NOON).unwrap(), "also in another process");
    assert!(another.claim_automatic_mail(&dan, NOON).unwrap());
    let tomorrow = NOON.after(Duration::from_hours(24));
    assert!(place.control.claim_automatic_mail(&carla, tomorrow).unwrap());
}

#[test]
fn no_address_can_be_read_there() {
    let place = Place::new();
    place.control.claim_automatic_mail(&"carla@contact.example".parse().unwrap(), NOON).unwrap();
    for entry in std::fs::read_dir(place.folder.path()).unwrap().flatten() {
        let bytes = std::fs::read(entry.path()).unwrap();
        assert!(!bytes.windows(5).any(|five| five.eq_ignore_ascii_case(b"carla")));
    }
}

#[test]
fn of_many_at_once_one_may() {
    let place = Place::new();
    let address: words::EmailAddress = "carla@contact.example".parse().unwrap();
    let claimed = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (control, address) = (place.another(), address.clone());
                scope.spawn(move || control.claim_automatic_mail(&address, NOON).unwrap())
            })
            .collect();
        threads.into_iter().map(|thread| usize::from(thread.join().unwrap())).sum::<usize>()
    });
    assert_eq!(claimed, 1);
}
