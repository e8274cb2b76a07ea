//! The home door's decision: which data centre may hold an account, and under which number.

use serde::{Deserialize, Serialize};
use words::{AccountId, DataCentre, Region, Time};

/// What the directory says of an account's home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// The account.
    pub account: AccountId,
    /// Where its service data may lie.
    pub region: Region,
    /// The data centre that holds it.
    pub data_centre: DataCentre,
    /// The region of that data centre.
    pub data_centre_region: Region,
    /// Rises with each new holder; the store refuses writes under an older one.
    pub fencing: i64,
}

/// The right to hold an account's store open in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    home: Home,
    until: Time,
}

/// Why there is no lease.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeaseRefusal {
    /// The account's home is elsewhere.
    #[error("the home of this account is {0}")]
    Elsewhere(DataCentre),
    /// The data centre lies outside the account's region.
    #[error("data centre {data_centre} lies in {lies_in}, the account's region is {region}")]
    OutsideRegion {
        /// The data centre.
        data_centre: DataCentre,
        /// Its region.
        lies_in: Region,
        /// The account's region.
        region: Region,
    },
}

/// Decides over a lease for the data centre `here`. The rules, in order:
///
/// 1. A data centre outside the account's region never holds it.
/// 2. Only the home that the directory names holds it.
pub fn lease(home: &Home, here: &DataCentre, until: Time) -> Result<Lease, LeaseRefusal> {
    if home.data_centre_region != home.region {
        return Err(LeaseRefusal::OutsideRegion {
            data_centre: home.data_centre.clone(),
            lies_in: home.data_centre_region.clone(),
            region: home.region.clone(),
        });
    }
    if home.data_centre != *here {
        return Err(LeaseRefusal::Elsewhere(home.data_centre.clone()));
    }
    Ok(Lease { home: home.clone(), until })
}

impl Lease {
    /// The account.
    pub fn account(&self) -> AccountId {
        self.home.account
    }

    /// The number that the store checks in each write.
    pub fn fencing(&self) -> i64 {
        self.home.fencing
    }

    /// The region, by whose key the account's key is wrapped.
    pub fn region(&self) -> &Region {
        &self.home.region
    }

    /// Until when.
    pub fn until(&self) -> Time {
        self.until
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the rule itself is tried here")]
mod tests {
    use super::*;

    fn home(region: &str, lies_in: &str) -> Home {
        Home {
            account: AccountId::new(Time::from_seconds(1)),
            region: region.parse().unwrap(),
            data_centre: "aarhus-1".parse().unwrap(),
            data_centre_region: lies_in.parse().unwrap(),
            fencing: 7,
        }
    }

    #[test]
    fn only_at_home_and_only_in_the_region() {
        let (here, there) = ("aarhus-1".parse().unwrap(), "oslo-1".parse().unwrap());
        let until = Time::from_seconds(60);
        assert_eq!(lease(&home("eu", "eu"), &here, until).unwrap().fencing(), 7);
        assert!(matches!(lease(&home("eu", "eu"), &there, until), Err(LeaseRefusal::Elsewhere(_))));
        let outside = lease(&home("eu", "us"), &here, until);
        assert!(matches!(outside, Err(LeaseRefusal::OutsideRegion { .. })));
    }
}
