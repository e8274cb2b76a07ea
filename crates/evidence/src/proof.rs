//! Proofs as files: that an entry is in a log (C2SP tlog-proof).

use data_encoding::BASE64;

use words::AccountId;

use crate::{
    Act, CHECKPOINT_BYTES_MAX, Checkpoint, CheckpointError, ENTRY_BYTES_MAX, Entry, Hash, LogPublicKey,
    Origin, includes,
};

/// The first line of a proof.
const HEAD: &str = "c2sp.org/tlog-proof@v1";
/// Hashes of a proof: 64 bits of entries make no deeper tree.
const HASHES_MAX: usize = 64;
/// The longest proof that is read.
pub const PROOF_BYTES_MAX: usize = 2 * ENTRY_BYTES_MAX + 64 * HASHES_MAX + CHECKPOINT_BYTES_MAX;

/// Why a proof shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// No proof at all.
    #[error("this is not a proof of one entry of a log")]
    Unreadable,
    /// Its checkpoint is not to be believed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The entry is not in the log of this checkpoint.
    #[error("the entry is not in the log that was signed")]
    NotIncluded,
    /// The entry is in the log, but tells of something else.
    #[error("the entry does not tell of this checkpoint")]
    AnotherEntry,
}

/// That an entry is in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The entry: carried as the extra data of the file.
    pub entry: Vec<u8>,
    /// Its place in the log.
    pub number: u64,
    /// From the neighbour of its hash up to the child of the root.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint, as it was signed.
    pub checkpoint: String,
}

impl Proof {
    /// The proof as a file.
    pub fn text(&self) -> String {
        let mut text = format!("{HEAD}\nextra {}\nindex {}\n", BASE64.encode(&self.entry), self.number);
        for hash in &self.hashes {
            text.push_str(&hash.to_string());
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Reads a file. What it says is not believed before [`Proof::verify`].
    pub fn read(text: &str) -> Result<Self, ProofError> {
        let wrong = ProofError::Unreadable;
        if text.len() > PROOF_BYTES_MAX {
            return Err(wrong);
        }
        let (head, checkpoint) = text.split_once("\n\n").ok_or_else(|| wrong.clone())?;
        let mut lines = head.split('\n');
        let mut line =
            |start: &str| lines.next().and_then(|line| line.strip_prefix(start)).ok_or_else(|| wrong.clone());
        if !line(HEAD)?.is_empty() {
            return Err(wrong);
        }
        let entry = BASE64.decode(line("extra ")?.as_bytes()).map_err(|_| wrong.clone())?;
        let number_text = line("index ")?;
        let number: u64 = number_text.parse().map_err(|_| wrong.clone())?;
        let hashes: Vec<Hash> = lines
            .take(HASHES_MAX + 1)
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| wrong.clone())?;
        let is_whole = number.to_string() == number_text && hashes.len() <= HASHES_MAX;
        if is_whole {
            Ok(Self { entry, number, hashes, checkpoint: checkpoint.to_owned() })
        } else {
            Err(wrong)
        }
    }

    /// Checks it against the log's key. Gives the checkpoint under which the entry is proved.
    pub fn verify(&self, origin: &Origin, key: &LogPublicKey) -> Result<Checkpoint, ProofError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, origin, key)?;
        let entry = Hash::of_entry(&self.entry);
        if includes(checkpoint.size, checkpoint.root, self.number, entry, &self.hashes) {
            Ok(checkpoint)
        } else {
            Err(ProofError::NotIncluded)
        }
    }

    /// Checks that this proof, of the operator's log, shows an account's checkpoint in it. Gives the
    /// checkpoint of the operator.
    pub fn verify_checkpoint(
        &self,
        operator: &Origin,
        key: &LogPublicKey,
        account: AccountId,
        checkpoint: &Checkpoint,
    ) -> Result<Checkpoint, ProofError> {
        let proved = self.verify(operator, key)?;
        let entry = Entry::read(&self.entry).map_err(|_| ProofError::AnotherEntry)?;
        if entry.act == Act::of_checkpoint(account, checkpoint) && entry.number == self.number {
            Ok(proved)
        } else {
            Err(ProofError::AnotherEntry)
        }
    }
}
