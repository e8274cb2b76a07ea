//! Tries a pickup, for the settings page: log-in and folder, without taking anything in.

use super::{fault::Fault, visit::Visit};
use desk::PickupFault;
use egress::Egress;
use std::{sync::Arc, time::Duration};
use store::Pickup;
use tokio::time::timeout;
use words::AccountId;

/// How long a test may take: somebody waits for it.
const TEST_WAIT: Duration = Duration::from_secs(30);

/// Logs in and opens the folder. Gives how many mails lie in it.
pub async fn test_pickup(
    egress: &Egress,
    tls: &Arc<rustls::ClientConfig>,
    account: AccountId,
    pickup: &Pickup,
) -> Result<u32, Fault> {
    let tried = async {
        let mut visit = Visit::begin(egress, tls, account, pickup).await?;
        let folder = visit.open(&pickup.folder).await?;
        visit.end().await;
        Ok(folder.mails)
    };
    timeout(TEST_WAIT, tried).await.unwrap_or(Err(PickupFault::NoAnswer.into()))
}
