//! Bytes that are sealed as they are written and opened as they are read.
//!
//! Eight bytes of format, a nonce, then pieces of 64 KiB, each sealed by XChaCha20-Poly1305 with its
//! place and whether it is the last (STREAM, Hoang, Reyhanitabar, Rogaway and Vizár 2015), so that
//! neither a flipped bit nor a cut nor a swap goes unseen.

use std::io::{self, ErrorKind, Read, Write};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{
        OsRng,
        rand_core::RngCore,
        stream::{DecryptorBE32, EncryptorBE32},
    },
};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::AccountKey;

/// Bytes of content that are sealed together.
const PIECE_BYTES: usize = 64 * 1024;
/// What sealing adds to a piece.
const TAG_BYTES: usize = 16;
/// The nonce of `XChaCha20`, less what STREAM counts with.
const NONCE_BYTES: usize = 19;

/// A key for one use.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// A key of its own for each use (HMAC-SHA256 over a label, as HKDF's expand step, RFC 5869).
pub(crate) fn derive(key: &AccountKey, label: &[u8]) -> Key {
    Zeroizing::new(keyed(key.expose()).chain_update(label).chain_update([1]).finalize().into_bytes().into())
}

/// A keyed hash.
pub(crate) fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes a key of any length")
}

/// Seals what is written to it. Nothing is whole before [`Sealer::finish`].
pub(crate) struct Sealer<W> {
    out: W,
    cipher: EncryptorBE32<XChaCha20Poly1305>,
    piece: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    pub(crate) fn new(mut out: W, key: &Key, format: [u8; 8]) -> io::Result<Self> {
        let mut nonce = [0_u8; NONCE_BYTES];
        OsRng.fill_bytes(&mut nonce);
        let cipher = EncryptorBE32::from_aead(XChaCha20Poly1305::new((&**key).into()), (&nonce).into());
        out.write_all(&format)?;
        out.write_all(&nonce)?;
        Ok(Self { out, cipher, piece: Vec::new() })
    }

    /// Seals the last piece and gives back what was written to.
    pub(crate) fn finish(self) -> io::Result<W> {
        let Self { mut out, cipher, piece } = self;
        let sealed = cipher.encrypt_last(piece.as_slice()).map_err(|_| ErrorKind::FileTooLarge)?;
        out.write_all(&sealed)?;
        Ok(out)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Only when more follows: the last piece, full or not, is sealed by `finish`.
        if self.piece.len() == PIECE_BYTES && !bytes.is_empty() {
            let sealed =
                self.cipher.encrypt_next(self.piece.as_slice()).map_err(|_| ErrorKind::FileTooLarge)?;
            self.out.write_all(&sealed)?;
            self.piece.clear();
        }
        let taken = bytes.len().min(PIECE_BYTES - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Gives what was sealed. What is not as it was written is an error of kind `InvalidData`.
pub(crate) struct Opener<R> {
    sealed_bytes: R,
    cipher: Option<DecryptorBE32<XChaCha20Poly1305>>,
    /// The next sealed piece: one is read ahead, to know which is the last.
    sealed: Vec<u8>,
    piece: Vec<u8>,
    given: usize,
}

impl<R: Read> Opener<R> {
    pub(crate) fn new(mut sealed_bytes: R, key: &Key, format: [u8; 8]) -> io::Result<Self> {
        let (mut found, mut nonce) = ([0_u8; 8], [0_u8; NONCE_BYTES]);
        sealed_bytes.read_exact(&mut found)?;
        sealed_bytes.read_exact(&mut nonce)?;
        if found != format {
            return Err(ErrorKind::InvalidData.into());
        }
        let cipher = DecryptorBE32::from_aead(XChaCha20Poly1305::new((&**key).into()), (&nonce).into());
        let sealed = next_sealed(&mut sealed_bytes)?;
        Ok(Self { sealed_bytes, cipher: Some(cipher), sealed, piece: Vec::new(), given: 0 })
    }

    /// Whether all was given.
    pub(crate) fn is_at_end(&self) -> bool {
        self.cipher.is_none() && self.given == self.piece.len()
    }

    fn open_piece(&mut self) -> io::Result<()> {
        let next = next_sealed(&mut self.sealed_bytes)?;
        let sealed = std::mem::replace(&mut self.sealed, next);
        self.given = 0;
        let opened = if self.sealed.is_empty() {
            let cipher = self.cipher.take().ok_or(ErrorKind::InvalidData)?;
            cipher.decrypt_last(sealed.as_slice())
        } else {
            let cipher = self.cipher.as_mut().ok_or(ErrorKind::InvalidData)?;
            cipher.decrypt_next(sealed.as_slice())
        };
        self.piece = opened.map_err(|_| ErrorKind::InvalidData)?;
        Ok(())
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.piece.len() && self.cipher.is_some() {
            self.open_piece()?;
        }
        let count = buffer.len().min(self.piece.len() - self.given);
        buffer[..count].copy_from_slice(&self.piece[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// The next sealed piece; empty at the end.
fn next_sealed(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut sealed = Vec::with_capacity(PIECE_BYTES + TAG_BYTES);
    from.take((PIECE_BYTES + TAG_BYTES) as u64).read_to_end(&mut sealed)?;
    Ok(sealed)
}
