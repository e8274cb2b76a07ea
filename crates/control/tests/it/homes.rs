//! Homes and who holds them.

use std::time::Duration;

use control::{Error, Holder, Step};
use words::AccountId;

use crate::{NOON, Place, here};

fn holder(id: &str) -> Holder {
    Holder { id: id.into(), until: NOON.after(Duration::from_secs(30)) }
}

#[test]
fn each_taking_raises_the_number() {
    let place = Place::new();
    let account = place.account("acme");
    let found = place.control.held(account).unwrap().unwrap();
    assert_eq!((found.home.fencing, found.holder), (0, None));
    assert_eq!(found.home.data_centre, here().data_centre);
    let one = place.control.settle_home(account, &holder("one"), |_| Step::Take).unwrap();
    assert_eq!((one.home.fencing, one.holder), (1, Some(holder("one"))));
    let two = place.another().settle_home(account, &holder("two"), |held| {
        assert_eq!(held.holder, Some(holder("one")), "it decides on what is there now");
        Step::Take
    });
    assert_eq!(two.unwrap().home.fencing, 2);
    assert!(place.control.renew_holder(&holder("one")).unwrap().is_empty(), "it learns that it lost it");
    let left = place.control.settle_home(account, &holder("one"), |_| Step::Leave).unwrap();
    assert_eq!(left.holder, Some(holder("two")));
    let unknown = place.control.settle_home(AccountId::new(NOON), &holder("one"), |_| Step::Take);
    assert!(matches!(unknown, Err(Error::NoSuchAccount)));
}

#[test]
fn one_renewal_serves_all_that_a_process_holds() {
    let place = Place::new();
    let accounts: Vec<_> = ["aa", "bb", "cc"].map(|slug| place.account(slug)).into();
    for account in &accounts {
        place.control.settle_home(*account, &holder("one"), |_| Step::Take).unwrap();
    }
    let later = Holder { until: NOON.after(Duration::from_mins(1)), ..holder("one") };
    assert_eq!(place.control.renew_holder(&later).unwrap().len(), 3);
    assert_eq!(place.control.held(accounts[2]).unwrap().unwrap().holder, Some(later));
    place.control.release_holder("one").unwrap();
    assert_eq!(place.control.held(accounts[0]).unwrap().unwrap().holder, None);
    place.control.settle_home(accounts[0], &holder("two"), |_| Step::Take).unwrap();
    place.control.remove_ended_holders(NOON.after(Duration::from_secs(31))).unwrap();
    assert_eq!(place.control.held(accounts[0]).unwrap().unwrap().holder, None);
}
