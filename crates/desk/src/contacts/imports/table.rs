//! A file as rows: its encoding, its separator and what its columns hold.

use crate::{DeskError, Result};

/// Bytes of a file.
pub const MOST_BYTES: usize = 10 * 1024 * 1024;
const MOST_ROWS: usize = 10_000;
const MOST_COLUMNS: usize = 100;
/// What 0x80 to 0x9F are in Windows-1252; five of them are nothing.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

domain::words!(
    /// What a column can hold.
    Field, "field", {
        Name => "name",
        Emails => "emails",
        Phones => "phones",
        Tags => "tags",
        Notes => "notes",
    }
);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<String>,
    /// What each column holds; none: it is passed over.
    pub fields: Vec<Option<Field>>,
    /// Each with the line it begins in.
    pub rows: Vec<(u64, Vec<String>)>,
}

/// Reads a file with its header.
///
/// # Errors
/// `Invalid` when it is no table with addresses or phones, or a larger one than we take at once.
pub fn read(bytes: &[u8]) -> Result<Table> {
    let text = decode(bytes);
    if text.contains('\0') {
        return Err(refused("has NUL characters; save it as CSV in UTF-8"));
    }
    let header = text.lines().next().unwrap_or_default();
    let separator = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|it| header.bytes().filter(|byte| byte == it).count())
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let unreadable = |error| refused(format!("cannot be read: {error}"));
    let first = records.next().ok_or_else(|| refused("is empty"))?.map_err(unreadable)?;
    let columns: Vec<String> = first.iter().map(|it| it.trim().to_owned()).collect();
    if columns.len() > MOST_COLUMNS {
        return Err(refused(format!("has more than {MOST_COLUMNS} columns")));
    }
    let fields: Vec<_> = columns.iter().map(|it| field(it)).collect();
    if !fields.iter().flatten().any(|it| matches!(it, Field::Emails | Field::Phones)) {
        let message = "has no column email or phone in its first line: name one so";
        return Err(refused(message));
    }
    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(unreadable)?;
        if record.iter().all(|it| it.trim().is_empty()) {
            continue;
        }
        if rows.len() == MOST_ROWS {
            return Err(refused(format!("has more than {MOST_ROWS} rows; send it in parts")));
        }
        let line = record.position().map_or(0, |it| begins_in(&text, it));
        rows.push((line, record.iter().map(str::to_owned).collect()));
    }
    Ok(Table { columns, fields, rows })
}

/// The line a record begins in. The reader tells where it went on, which is before the rest of the
/// last line's end and before empty lines.
fn begins_in(text: &str, position: &csv::Position) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let ends = rest.iter().take_while(|it| matches!(it, b'\r' | b'\n'));
    position.line() + ends.filter(|it| **it == b'\n').count() as u64
}

fn refused(message: impl Into<String>) -> DeskError {
    DeskError::invalid("file", message.into())
}

/// UTF-8 or UTF-16 by their marks, else UTF-8 if it is that, else what Windows spreadsheets save.
fn decode(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let (pairs, _) = bytes.as_chunks::<2>();
        String::from_utf16_lossy(&pairs.iter().map(|it| read(*it)).collect::<Vec<_>>())
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|it| windows(*it)).collect(),
        },
    }
}

fn windows(byte: u8) -> char {
    match byte {
        0x80..=0x9F => WINDOWS[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

/// What a column of this name holds, as other programs call it.
fn field(name: &str) -> Option<Field> {
    let plain: String = name.to_lowercase().chars().filter(|it| it.is_alphanumeric()).collect();
    match plain.as_str() {
        "name" | "fullname" | "displayname" | "contact" | "customer" => Some(Field::Name),
        "email" | "emails" | "mail" | "emailaddress" | "emailaddresses" => Some(Field::Emails),
        "phone" | "phones" | "phonenumber" | "mobile" | "telephone" | "tel" | "whatsapp" => {
            Some(Field::Phones)
        }
        "tags" | "tag" | "labels" => Some(Field::Tags),
        "notes" | "note" | "comment" => Some(Field::Notes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(bytes: &[u8]) -> Vec<String> {
        read(bytes).unwrap().rows.into_iter().flat_map(|it| it.1).collect()
    }

    #[test]
    fn what_spreadsheets_write_is_read() {
        let utf16 = "\u{feff}Name;E-mail\r\nJosé;j@x.example";
        let le: Vec<u8> = utf16.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = utf16.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let files: [&[u8]; 7] = [
            "Name,Email\r\nJosé,j@x.example".as_bytes(),
            "\u{feff}name;EMAIL\nJosé;j@x.example\n\n;\n".as_bytes(),
            "name\temail address\nJosé\tj@x.example".as_bytes(),
            b"Name,E-Mail\nJos\xe9,j@x.example",
            &le,
            &be,
            "name,mail\n\"José\",\"j@x.example\"".as_bytes(),
        ];
        for bytes in files {
            assert_eq!(cells(bytes), ["José", "j@x.example"], "{bytes:?}");
        }
        assert_eq!(cells(b"name,mail\n\x80uro,x"), ["€uro", "x"]);
        let table = read(b"email,shoe size\n\"a\nb\",7\nc,8").unwrap();
        assert_eq!(table.fields, [Some(Field::Emails), None]);
        assert_eq!(table.rows.iter().map(|it| it.0).collect::<Vec<_>>(), [2, 4]);
        let table = read(b"email\r\na\r\n\r\nb\r\n\"c\r\nd\"\r\ne").unwrap();
        assert_eq!(table.rows.iter().map(|it| it.0).collect::<Vec<_>>(), [2, 4, 5, 7]);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let many = format!("email\n{}", "a@x.example\n".repeat(MOST_ROWS + 1));
        let wide = format!("email{}", ",x".repeat(MOST_COLUMNS));
        let files: [&[u8]; 5] =
            [b"", b"name,age\nAnn,7", b"email\na\0b", many.as_bytes(), wide.as_bytes()];
        for bytes in files {
            assert!(matches!(read(bytes), Err(DeskError::Invalid(_))));
        }
    }
}
