//! Tiles of hashes and bundles of entries, as C2SP tlog-tiles lays them out.

use std::{fmt, str::FromStr};

use crate::ENTRY_BYTES_MAX;

/// Hashes in a full tile, and entries in a full bundle.
pub const TILE_WIDTH: u64 = 256;
/// How high a tile is: its width is two to this.
pub(crate) const TILE_HEIGHT: u8 = 8;
/// The highest level that 64 bits of entries can have.
const LEVEL_MAX: u8 = 7;
/// Digits of a part of a path.
const PATH_BASE: u64 = 1_000;
/// The longest path that is read.
const PATH_BYTES_MAX: usize = 64;

/// A text that is no path of a tile or bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the path of a tile or a bundle")]
pub struct PathError;

/// Which tile, as far as it is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    /// 0: hashes of entries; above: hashes of full tiles below.
    pub level: u8,
    /// Its number within the level.
    pub position: u64,
    /// How many hashes are in it: 1 to 256.
    pub width: u16,
}

impl TileId {
    /// The tile at this place in a log of `size` entries, if anything is in it.
    pub fn at(level: u8, position: u64, size: u64) -> Option<Self> {
        let shift = u32::from(TILE_HEIGHT) * u32::from(level);
        let hashes = size.checked_shr(shift).unwrap_or(0);
        let width = hashes.saturating_sub(position.checked_mul(TILE_WIDTH)?).min(TILE_WIDTH);
        let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
        Some(Self { level, position, width })
    }

    /// Whether no hash can be added to it any more.
    pub fn is_full(self) -> bool {
        u64::from(self.width) == TILE_WIDTH
    }

    /// The path, `tile/<level>/<position>[.p/<width>]`.
    pub fn path(self) -> String {
        format!("tile/{}/{}", self.level, place(self.position, self.width))
    }

    pub(crate) fn tile(self) -> tlog_tiles::Tile {
        tlog_tiles::Tile::new(TILE_HEIGHT, self.level, self.position, u32::from(self.width), false)
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}

impl FromStr for TileId {
    type Err = PathError;
    fn from_str(path: &str) -> Result<Self, PathError> {
        let rest = path.strip_prefix("tile/").ok_or(PathError)?;
        let (level, rest) = rest.split_once('/').ok_or(PathError)?;
        let (position, width) = read_place(rest)?;
        let level = level.parse().ok().filter(|level| *level <= LEVEL_MAX).ok_or(PathError)?;
        let id = Self { level, position, width };
        if id.path() == path { Ok(id) } else { Err(PathError) }
    }
}

/// Which bundle of entries, as far as it is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BundleId {
    /// Its number: the first entry in it is 256 times this.
    pub position: u64,
    /// How many entries are in it: 1 to 256.
    pub width: u16,
}

impl BundleId {
    /// All bundles of a log of `size` entries, in order.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        (0..size.div_ceil(TILE_WIDTH)).filter_map(move |position| {
            TileId::at(0, position, size).map(|tile| Self { position, width: tile.width })
        })
    }

    /// The path, `tile/entries/<position>[.p/<width>]`.
    pub fn path(self) -> String {
        format!("tile/entries/{}", place(self.position, self.width))
    }
}

impl FromStr for BundleId {
    type Err = PathError;
    fn from_str(path: &str) -> Result<Self, PathError> {
        let (position, width) = read_place(path.strip_prefix("tile/entries/").ok_or(PathError)?)?;
        let id = Self { position, width };
        if id.path() == path { Ok(id) } else { Err(PathError) }
    }
}

fn place(position: u64, width: u16) -> String {
    let (mut text, mut rest) = (format!("{:03}", position % PATH_BASE), position / PATH_BASE);
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % PATH_BASE);
        rest /= PATH_BASE;
    }
    if u64::from(width) == TILE_WIDTH { text } else { format!("{text}.p/{width}") }
}

/// Whoever calls compares with what [`place`] writes: there is one spelling.
fn read_place(text: &str) -> Result<(u64, u16), PathError> {
    if text.len() > PATH_BYTES_MAX {
        return Err(PathError);
    }
    let (position, width) = match text.split_once(".p/") {
        Some((position, width)) => (position, width.parse().map_err(|_| PathError)?),
        None => (text, 256),
    };
    if !(1..=256).contains(&width) {
        return Err(PathError);
    }
    let parts = position.split('/').map(|part| part.trim_start_matches('x').parse::<u64>());
    let position = parts.into_iter().try_fold(0_u64, |before, part| {
        before.checked_mul(PATH_BASE).and_then(|before| before.checked_add(part.ok()?))
    });
    Ok((position.ok_or(PathError)?, width))
}

/// Bytes that are no bundle: a length that lies, or an entry that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a bundle of entries")]
pub struct BundleError;

/// The bundle of these entries: before each its length as 16 bits, the higher byte first.
pub fn write_bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    for entry in entries {
        let length = u16::try_from(entry.len()).map_err(|_| BundleError)?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

/// The entries of a bundle.
pub fn read_bundle(mut bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, rest) = rest.split_at_checked(length).ok_or(BundleError)?;
        entries.push(entry);
        bytes = rest;
    }
    if bytes.is_empty() && entries.len() as u64 <= TILE_WIDTH { Ok(entries) } else { Err(BundleError) }
}

const _: () = assert!(ENTRY_BYTES_MAX == u16::MAX as usize, "the length of an entry is 16 bits");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let id = |level, position, width| TileId { level, position, width };
        for (tile, path) in [
            (id(0, 0, 256), "tile/0/000"),
            (id(0, 273, 112), "tile/0/273.p/112"),
            (id(2, 0, 1), "tile/2/000.p/1"),
            (id(1, 1_234_067, 256), "tile/1/x001/x234/067"),
        ] {
            assert_eq!(tile.path(), path);
            assert_eq!(path.parse(), Ok(tile));
        }
        assert_eq!(BundleId { position: 1_067, width: 3 }.path(), "tile/entries/x001/067.p/3");
        assert_eq!("tile/entries/x001/067.p/3".parse(), Ok(BundleId { position: 1_067, width: 3 }));
        for path in [
            "tile/0/0",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/03",
            "tile/00/000",
            "tile/8/000",
            "tile/0/x000/001",
            "tile/0/001/067",
            "tile/0/x999/x999/x999/x999/x999/x999/999",
            "tile/-1/000",
            "tile/entries/000",
            "",
            "tile/0/",
            "tile/0/xx01",
            "tile/0/000.p/1.p/1",
        ] {
            assert_eq!(path.parse::<TileId>(), Err(PathError), "{path}");
        }
    }

    #[test]
    fn tiles_of_70000_entries_are_those_of_the_specification() {
        let at = |level, position| TileId::at(level, position, 70_000).map(|tile| tile.width);
        assert_eq!((at(0, 272), at(0, 273), at(0, 274)), (Some(256), Some(112), None));
        assert_eq!((at(1, 0), at(1, 1), at(2, 0), at(3, 0)), (Some(256), Some(17), Some(1), None));
        assert_eq!(TileId::at(255, u64::MAX, u64::MAX), None);
        assert_eq!(BundleId::all(70_000).count(), 274);
        assert_eq!(BundleId::all(0).count(), 0);
    }

    #[test]
    fn a_bundle_is_read_as_written() {
        let entries: [&[u8]; 3] = [b"one", b"", b"three"];
        let bytes = write_bundle(entries).unwrap();
        assert_eq!(bytes, b"\0\x03one\0\0\0\x05three");
        assert_eq!(read_bundle(&bytes).unwrap(), entries);
        assert_eq!(read_bundle(&bytes[..bytes.len() - 1]), Err(BundleError));
        assert_eq!(read_bundle(b"\0"), Err(BundleError));
        assert_eq!(read_bundle(&[0; 2 * 257]), Err(BundleError));
        assert_eq!(write_bundle([vec![0; ENTRY_BYTES_MAX + 1].as_slice()]), Err(BundleError));
    }
}
