//! Finds the end of a mail's text: CRLF.CRLF and nothing else (RFC 5321 parts 2.3.8 and 4.1.1.4).

use memchr::memchr2;

/// Where in the text the last byte left us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// After CRLF, or at the very start.
    LineStart,
    /// Within a line.
    Text,
    /// After CR: only LF may follow.
    Cr,
    /// After a dot at the start of a line: the end, or a dot that was put before another.
    Dot,
    /// After such a dot and CR: only LF may follow.
    DotCr,
}

/// What a piece of input came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// All of it was text.
    More,
    /// The text ends in it.
    End,
    /// A CR without LF or an LF without CR: some servers end the text there, so that one mail
    /// becomes two (SMTP smuggling, 2023). It is no mail.
    Bare,
}

/// Reads the text of DATA in pieces of any size.
#[derive(Debug)]
pub(super) struct Text(At);

impl Text {
    pub(super) const fn new() -> Self {
        Self(At::LineStart)
    }

    /// Takes from `input` what belongs to the text and adds it to `kept`, without the dots that the
    /// sender put before dots. Tells how many bytes it took.
    pub(super) fn take(&mut self, input: &[u8], kept: &mut Vec<u8>) -> (usize, Found) {
        let mut next = 0;
        while let Some(&byte) = input.get(next) {
            match self.0 {
                At::LineStart if byte == b'.' => {
                    self.0 = At::Dot;
                    next += 1;
                }
                At::LineStart | At::Text => {
                    let (length, found) = line(&input[next..]);
                    kept.extend_from_slice(&input[next..next + length]);
                    next += length;
                    match found {
                        Line::Open => self.0 = At::Text,
                        Line::Whole => self.0 = At::LineStart,
                        Line::Cr => {
                            self.0 = At::Cr;
                            next += 1;
                        }
                        Line::Bare => return (next, Found::Bare),
                    }
                }
                At::Cr if byte == b'\n' => {
                    kept.extend_from_slice(b"\r\n");
                    self.0 = At::LineStart;
                    next += 1;
                }
                At::Dot if byte == b'\r' => {
                    self.0 = At::DotCr;
                    next += 1;
                }
                At::Dot if byte != b'\n' => self.0 = At::Text,
                At::DotCr if byte == b'\n' => return (next + 1, Found::End),
                At::Cr | At::Dot | At::DotCr => return (next, Found::Bare),
            }
        }
        (next, Found::More)
    }
}

/// How a line within one piece of input ends.
enum Line {
    /// Not within it.
    Open,
    /// With CRLF, which is counted.
    Whole,
    /// With a CR as the last byte, which is not counted.
    Cr,
    /// With a bare CR or LF.
    Bare,
}

/// The length of the first line of `input`.
fn line(input: &[u8]) -> (usize, Line) {
    match memchr2(b'\r', b'\n', input) {
        None => (input.len(), Line::Open),
        Some(at) if input[at] == b'\n' => (at, Line::Bare),
        Some(at) => match input.get(at + 1) {
            Some(b'\n') => (at + 2, Line::Whole),
            Some(_) => (at, Line::Bare),
            None => (at, Line::Cr),
        },
    }
}

/// Watches the chunks of BDAT for bare CR and LF.
#[derive(Debug, Default)]
pub(super) struct LineEnds {
    after_cr: bool,
}

impl LineEnds {
    /// Whether each CR and LF so far has its other half.
    pub(super) fn are_whole(&mut self, chunk: &[u8]) -> bool {
        let mut rest = chunk;
        if self.after_cr {
            match rest.split_first() {
                None => return true,
                Some((b'\n', after)) => rest = after,
                Some(_) => return false,
            }
            self.after_cr = false;
        }
        loop {
            let (length, found) = line(rest);
            rest = &rest[length..];
            match found {
                Line::Open => return true,
                Line::Whole => {}
                Line::Cr => {
                    self.after_cr = true;
                    return true;
                }
                Line::Bare => return false,
            }
        }
    }

    /// Whether the last CR still waits for its LF.
    pub(super) fn is_open(&self) -> bool {
        self.after_cr
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &[u8], size: usize) -> (Vec<u8>, Found, usize) {
        let (mut text, mut kept, mut taken) = (Text::new(), Vec::new(), 0);
        for piece in input.chunks(size) {
            let (used, found) = text.take(piece, &mut kept);
            taken += used;
            if found != Found::More {
                return (kept, found, taken);
            }
            assert_eq!(used, piece.len());
        }
        (kept, Found::More, taken)
    }

    #[test]
    fn the_same_in_pieces_of_any_size() {
        let cases: [(&[u8], &[u8], Found); 9] = [
            (b"a\r\n.\r\nrest", b"a\r\n", Found::End),
            (b".\r\nrest", b"", Found::End),
            (b"..\r\n..a\r\n.b\r\n.\r\n", b".\r\n.a\r\nb\r\n", Found::End),
            (b"a\n.\r\n", b"a", Found::Bare),
            (b"a\r.\r\n", b"a", Found::Bare),
            (b"a\r\n.\n", b"a\r\n", Found::Bare),
            (b"a\r\n.\r.\r\n", b"a\r\n", Found::Bare),
            (b"a\r\r\n", b"a", Found::Bare),
            (b"a\r\n. \r\n\0\r\n", b"a\r\n \r\n\0\r\n", Found::More),
        ];
        for (input, kept, found) in cases {
            for size in 1..=input.len() {
                let (got, how, _) = read(input, size);
                assert_eq!((got.as_slice(), how), (kept, found), "{input:?} in {size}");
            }
        }
    }

    #[test]
    fn what_follows_the_end_is_left() {
        let input = b"a\r\n.\r\nMAIL";
        assert_eq!(read(input, 100).2, input.len() - 4);
    }

    #[test]
    fn chunks_are_watched_across_their_borders() {
        let whole = |chunks: &[&[u8]]| {
            let mut ends = LineEnds::default();
            chunks.iter().all(|chunk| ends.are_whole(chunk)) && !ends.is_open()
        };
        assert!(whole(&[b"a\r", b"\nb\r\n", b"", b"c"]));
        assert!(!whole(&[b"a\r", b"b"]) && !whole(&[b"a\n"]) && !whole(&[b"a\r"]) && !whole(&[b"\r\r\n"]));
    }
}
