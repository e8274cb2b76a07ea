//! The form of the rows in a backup: a head, then each table with its columns and rows, then how many
//! rows there were. All numbers are little-endian.

use std::io::{self, ErrorKind, Read, Write};

use uuid::Uuid;
use words::AccountId;

use super::Head;
use crate::Value;

/// Longest value that is read.
const VALUE_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Most columns of a table that are read.
const COLUMNS_MAX: u32 = 256;

const END: u8 = 0;
const TABLE: u8 = 1;
const ROW: u8 = 2;

const NULL: u8 = 0;
const INT: u8 = 1;
const TEXT: u8 = 2;
const BYTES: u8 = 3;

/// What comes next in a dump.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    /// A table begins.
    Table { name: String, columns: Vec<String> },
    /// A row of the table.
    Row(Vec<Value>),
    /// All is read.
    End,
}

pub(super) struct DumpWriter<W> {
    out: W,
    rows: i64,
}

impl<W: Write> DumpWriter<W> {
    pub(super) fn new(mut out: W, head: Head) -> io::Result<Self> {
        out.write_all(&head.schema.to_le_bytes())?;
        out.write_all(head.account.uuid().as_bytes())?;
        Ok(Self { out, rows: 0 })
    }

    pub(super) fn table(&mut self, name: &str, columns: &[String]) -> io::Result<()> {
        self.out.write_all(&[TABLE])?;
        bytes(&mut self.out, name.as_bytes())?;
        let count = u32::try_from(columns.len()).map_err(|_| ErrorKind::InvalidInput)?;
        self.out.write_all(&count.to_le_bytes())?;
        columns.iter().try_for_each(|column| bytes(&mut self.out, column.as_bytes()))
    }

    pub(super) fn row(&mut self, values: &[Value]) -> io::Result<()> {
        self.rows += 1;
        self.out.write_all(&[ROW])?;
        for value in values {
            match value {
                Value::Null => self.out.write_all(&[NULL])?,
                Value::Int(number) => {
                    self.out.write_all(&[INT])?;
                    self.out.write_all(&number.to_le_bytes())?;
                }
                Value::Bool(yes) => {
                    self.out.write_all(&[INT])?;
                    self.out.write_all(&i64::from(*yes).to_le_bytes())?;
                }
                Value::Text(text) => {
                    self.out.write_all(&[TEXT])?;
                    bytes(&mut self.out, text.as_bytes())?;
                }
                Value::Bytes(value) => {
                    self.out.write_all(&[BYTES])?;
                    bytes(&mut self.out, value)?;
                }
                Value::Uuid(id) => {
                    self.out.write_all(&[BYTES])?;
                    bytes(&mut self.out, id.as_bytes())?;
                }
            }
        }
        Ok(())
    }

    /// Writes the end; gives back what was written to, and how many rows there are.
    pub(super) fn finish(mut self) -> io::Result<(W, i64)> {
        self.out.write_all(&[END])?;
        self.out.write_all(&self.rows.to_le_bytes())?;
        Ok((self.out, self.rows))
    }
}

fn bytes(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| ErrorKind::InvalidInput)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(bytes)
}

pub(super) struct DumpReader<R> {
    from: R,
    columns: u32,
    rows: i64,
}

impl<R: Read> DumpReader<R> {
    pub(super) fn new(mut from: R) -> io::Result<(Self, Head)> {
        let (mut schema, mut account) = ([0; 8], [0; 16]);
        from.read_exact(&mut schema)?;
        from.read_exact(&mut account)?;
        let account = AccountId::from_uuid(Uuid::from_bytes(account));
        let head = Head { schema: i64::from_le_bytes(schema), account };
        Ok((Self { from, columns: 0, rows: 0 }, head))
    }

    pub(super) fn next(&mut self) -> io::Result<Next> {
        match self.byte()? {
            TABLE => {
                let name = self.text()?;
                self.columns = self.length()?;
                if self.columns > COLUMNS_MAX {
                    return Err(ErrorKind::InvalidData.into());
                }
                let columns = (0..self.columns).map(|_| self.text()).collect::<io::Result<_>>()?;
                Ok(Next::Table { name, columns })
            }
            ROW => {
                self.rows += 1;
                Ok(Next::Row((0..self.columns).map(|_| self.value()).collect::<io::Result<_>>()?))
            }
            END if self.int()? == self.rows => Ok(Next::End),
            _ => Err(ErrorKind::InvalidData.into()),
        }
    }

    fn value(&mut self) -> io::Result<Value> {
        match self.byte()? {
            NULL => Ok(Value::Null),
            INT => Ok(Value::Int(self.int()?)),
            TEXT => Ok(Value::Text(self.text()?)),
            BYTES => Ok(Value::Bytes(self.bytes()?)),
            _ => Err(ErrorKind::InvalidData.into()),
        }
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.from.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    fn int(&mut self) -> io::Result<i64> {
        let mut bytes = [0; 8];
        self.from.read_exact(&mut bytes)?;
        Ok(i64::from_le_bytes(bytes))
    }

    fn length(&mut self) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.from.read_exact(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let length = self.length()? as usize;
        if length > VALUE_BYTES_MAX {
            return Err(ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; length];
        self.from.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn text(&mut self) -> io::Result<String> {
        String::from_utf8(self.bytes()?).map_err(|_| ErrorKind::InvalidData.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let head = Head { schema: 3, account: AccountId::from_uuid(Uuid::from_u128(7)) };
        let mut out = DumpWriter::new(Vec::new(), head).unwrap();
        let columns = ["a".to_owned(), "b".to_owned()];
        out.table("t", &columns).unwrap();
        out.row(&[Value::Null, Value::Int(-1)]).unwrap();
        out.row(&[Value::Text("æ".into()), Value::Uuid(Uuid::from_u128(9))]).unwrap();
        let (written, rows) = out.finish().unwrap();
        assert_eq!(rows, 2);
        let (mut from, found) = DumpReader::new(written.as_slice()).unwrap();
        assert_eq!(found, head);
        assert_eq!(from.next().unwrap(), Next::Table { name: "t".into(), columns: columns.to_vec() });
        assert_eq!(from.next().unwrap(), Next::Row(vec![Value::Null, Value::Int(-1)]));
        let id = Value::Bytes(Uuid::from_u128(9).into_bytes().to_vec());
        assert_eq!(from.next().unwrap(), Next::Row(vec![Value::Text("æ".into()), id]));
        assert_eq!(from.next().unwrap(), Next::End);
    }
}
