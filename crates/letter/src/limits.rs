//! How much of a letter is looked at. Real mail stays far below each of these; what lies above is kept
//! in the raw mail and said by a [`Mark`](crate::Mark), never dropped in silence.

/// Bytes of one mail that are read at all. SMTP refuses long before; this holds for imports.
pub const MESSAGE_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Bytes of the header block of the mail, or of a part.
pub const HEADER_BYTES_MAX: usize = 256 * 1024;
/// Header fields of one block.
pub const FIELDS_MAX: usize = 2_000;
/// Bytes of one header field that a reader of its own looks at (addresses may fill the block).
pub const FIELD_BYTES_MAX: usize = 16 * 1024;
/// Bytes of all the addresses of one field.
pub const ADDRESS_FIELD_BYTES_MAX: usize = 128 * 1024;
/// Addresses of one field.
pub const ADDRESSES_MAX: usize = 500;
/// Message ids of References.
pub const REFERENCES_MAX: usize = 100;
/// Bytes of a message id; longer ones are none.
pub const MESSAGE_ID_BYTES_MAX: usize = 500;
/// Parts, those that hold other parts included.
pub const PARTS_MAX: usize = 500;
/// Multiparts within each other.
pub const DEPTH_MAX: usize = 20;
/// Bytes of a boundary; RFC 2046 allows 70.
pub const BOUNDARY_BYTES_MAX: usize = 256;
/// Bytes of the text that is shown.
pub const TEXT_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of the HTML that is shown. More than this is offered as a file.
pub const HTML_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Characters of a subject.
pub const SUBJECT_CHARS_MAX: usize = 1_000;
/// Characters of a name of a person.
pub const NAME_CHARS_MAX: usize = 200;
/// Characters of a file name.
pub const FILE_NAME_CHARS_MAX: usize = 150;
/// Bytes of a winmail.dat that is opened.
pub const TNEF_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Files within a winmail.dat.
pub const TNEF_FILES_MAX: usize = 200;
/// Bytes of a calendar that are read.
pub const CALENDAR_BYTES_MAX: usize = 256 * 1024;
/// Appointments that are summed up.
pub const APPOINTMENTS_MAX: usize = 20;
