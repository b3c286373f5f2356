//! A file of rows: taken in as it was sent, and kept as plain rows, each behind its line's number, so
//! that the work can begin at any of them.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use storage::{FileHash, Files, NewFile, StoreError};

use super::text::{Odd, Text};
use crate::{Desk, DeskError, Result, attachments::upload::blocking, room};

/// Bytes of a file.
pub const MOST_BYTES: u64 = 50 * 1024 * 1024;
const MOST_ROWS: u64 = 250_000;
const MOST_COLUMNS: usize = 100;
/// A longer row has lost a quotation mark.
const LONGEST_ROW: usize = 1024 * 1024;
/// Bytes the first line is looked for in.
const LONGEST_HEADER: usize = 64 * 1024;

/// A file on its way in. Dropped before it is finished, nothing of it stays.
pub struct Upload {
    /// None only while a piece is being written.
    file: Option<NewFile>,
}

/// A file that was read once and is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Names of its columns.
    pub names: Vec<String>,
    /// Rows below the header.
    pub total: u64,
    /// The name of the stored file: the same table has the same one.
    pub file: String,
    /// Bytes of the stored file.
    pub size: u64,
}

impl Upload {
    /// # Errors
    /// `Full` when the disk nearly is.
    pub async fn begin(desk: &Desk) -> Result<Self> {
        let files = desk.store.files().clone();
        if !room::is_there(&files, 2 * MOST_BYTES, room::BESIDE_UPLOADS).await? {
            return Err(StoreError::Full.into());
        }
        let file = blocking(move || Ok(files.create().map_err(StoreError::from)?)).await?;
        Ok(Self { file: Some(file) })
    }

    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.file.as_ref().map_or(0, NewFile::size)
    }

    /// Writes the next piece. The caller keeps to [`MOST_BYTES`].
    pub async fn write(&mut self, piece: impl AsRef<[u8]> + Send + 'static) -> Result<()> {
        let mut file = self.file.take().ok_or_else(interrupted)?;
        let file = blocking(move || {
            file.write_all(piece.as_ref()).map_err(StoreError::from)?;
            Ok(file)
        });
        self.file = Some(file.await?);
        Ok(())
    }

    /// Reads the whole of it once and keeps its rows.
    ///
    /// # Errors
    /// `Invalid` when it is no table, or a larger one than we take.
    pub async fn finish(mut self, desk: &Desk) -> Result<Table> {
        let raw = self.file.take().ok_or_else(interrupted)?;
        let files = desk.store.files().clone();
        blocking(move || keep(&files, &raw)).await
    }
}

fn interrupted() -> DeskError {
    DeskError::Internal("an upload went on after a piece of it failed".to_owned())
}

/// UTF-8 or UTF-16 by their marks, else UTF-8 if it is that, else what Windows spreadsheets save.
fn keep(files: &Files, raw: &NewFile) -> Result<Table> {
    let open = |skipped: u64| -> Result<std::fs::File> {
        let mut file = raw.read_back().map_err(StoreError::from)?;
        file.seek(SeekFrom::Start(skipped)).map_err(StoreError::from)?;
        Ok(file)
    };
    let mut head = Vec::new();
    open(0)?.take(3).read_to_end(&mut head).map_err(StoreError::from)?;
    if let Some((encoding, skipped)) = Encoding::for_bom(&head) {
        return keep_text(files, Text::new(open(skipped as u64)?, encoding, false)).map_err(refuse);
    }
    match keep_text(files, Text::new(open(0)?, UTF_8, true)) {
        Err(Refused::Odd(Odd::NotThisEncoding)) => {
            keep_text(files, Text::new(open(0)?, WINDOWS_1252, false)).map_err(refuse)
        }
        other => other.map_err(refuse),
    }
}

/// Why a file was not taken.
enum Refused {
    Odd(Odd),
    Because(String),
    Failed(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Odd::of(&error).map_or(Self::Failed(error), Self::Odd)
    }
}

impl From<csv::Error> for Refused {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => error.into(),
            _ => Self::Because("cannot be read as CSV".to_owned()),
        }
    }
}

fn refuse(it: Refused) -> DeskError {
    match it {
        Refused::Odd(odd) => DeskError::invalid("file", odd),
        Refused::Because(reason) => DeskError::invalid("file", reason),
        Refused::Failed(error) => StoreError::from(error).into(),
    }
}

fn keep_text(files: &Files, mut text: impl Read) -> Result<Table, Refused> {
    let because = |reason: String| Err(Refused::Because(reason));
    let (mut head, separator, lines_before) = first_line(&mut text)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(Cursor::new(std::mem::take(&mut head)).chain(text));
    let mut writer = rows_writer(files.create()?);
    let mut record = csv::StringRecord::new();
    if !reader.read_record(&mut record)? {
        return because("is empty".to_owned());
    }
    if record.len() > MOST_COLUMNS {
        return because(format!("has more than {MOST_COLUMNS} columns"));
    }
    let names = record.iter().enumerate().map(|(at, name)| named(at, name)).collect();
    let mut total = 0;
    while reader.read_record(&mut record)? {
        let inside = record.iter().flat_map(str::bytes).filter(|it| *it == b'\n').count() as u64;
        let line = (lines_before + reader.position().line()).saturating_sub(1 + inside);
        if record.as_slice().len() > LONGEST_ROW {
            return because(format!(
                "has a row of more than 1 MB in line {line}; is a quotation mark missing there?"
            ));
        }
        if record.iter().all(|it| it.trim().is_empty()) {
            continue;
        }
        if total == MOST_ROWS {
            return because(format!("has more than {MOST_ROWS} rows; send it in parts"));
        }
        total += 1;
        writer.write_field(line.to_string())?;
        writer.write_record(&record)?;
    }
    if total == 0 {
        return because("has no rows below its first line".to_owned());
    }
    let kept = writer.into_inner().map_err(|error| Refused::from(error.into_error()))?;
    let (hash, size) = kept.finish()?;
    Ok(Table { names, total, file: hash.to_string(), size })
}

/// The beginning of the text, what stands between its cells, and how many lines were taken away: some
/// spreadsheets say their separator in a line of its own.
fn first_line(text: &mut impl Read) -> io::Result<(Vec<u8>, u8, u64)> {
    let mut head = Vec::new();
    while !head.contains(&b'\n') && head.len() < LONGEST_HEADER {
        if text.by_ref().take(1024).read_to_end(&mut head)? == 0 {
            break;
        }
    }
    let end = head.iter().position(|it| *it == b'\n').unwrap_or(head.len());
    let line = head.get(..end).unwrap_or_default();
    if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] = *line
        && separator.is_ascii()
    {
        return Ok((head.split_off((end + 1).min(head.len())), separator, 1));
    }
    let count = |it: &u8| line.iter().filter(|byte| *byte == it).count();
    let separator = [b',', b';', b'\t'].into_iter().max_by_key(count).unwrap_or(b',');
    Ok((head, separator, 0))
}

fn named(at: usize, name: &str) -> String {
    match name.trim() {
        "" => format!("column {}", at + 1),
        name => name.chars().take(200).collect(),
    }
}

fn rows_writer<W: Write>(file: W) -> csv::Writer<W> {
    csv::WriterBuilder::new()
        .has_headers(false)
        .flexible(true)
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(file)
}

/// A row with the line it begins in.
pub(super) type Cells = (u64, Vec<String>);

/// Some rows that follow each other, and where the next one begins, in bytes.
#[derive(Debug)]
pub(super) struct Slice {
    pub rows: Vec<Cells>,
    pub next_byte: u64,
}

/// At most `rows` rows, and about as many bytes, of a kept file from the byte `from` on.
pub(super) fn slice(
    files: &Files,
    hash: FileHash,
    from: u64,
    rows: usize,
    bytes: u64,
) -> Result<Slice> {
    let broken = |error: csv::Error| DeskError::Internal(format!("a kept table: {error}"));
    let mut file = files.open_file(hash).map_err(StoreError::from)?;
    file.seek(SeekFrom::Start(from)).map_err(StoreError::from)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file);
    let mut slice = Slice { rows: Vec::new(), next_byte: from };
    let mut record = csv::StringRecord::new();
    while slice.rows.len() < rows && slice.next_byte - from < bytes {
        if !reader.read_record(&mut record).map_err(broken)? {
            break;
        }
        slice.next_byte = from + reader.position().byte();
        let mut cells = record.iter();
        let line = cells.next().and_then(|it| it.parse().ok()).unwrap_or(0);
        slice.rows.push((line, cells.map(str::to_owned).collect()));
    }
    Ok(slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(bytes: &[u8]) -> Result<(Table, Vec<Cells>)> {
        let folder = tempfile::tempdir().unwrap();
        let store = storage::Store::open(storage::Options::new(folder.path())).unwrap();
        let mut raw = store.files().create().unwrap();
        raw.write_all(bytes).unwrap();
        let table = keep(store.files(), &raw)?;
        let mut all: Vec<Cells> = Vec::new();
        let mut next = 0;
        loop {
            let some = slice(store.files(), table.file.parse().unwrap(), next, 2, 1 << 20).unwrap();
            if some.rows.is_empty() {
                break;
            }
            all.extend(some.rows);
            next = some.next_byte;
        }
        assert_eq!(table.total, all.len() as u64);
        Ok((table, all))
    }

    #[test]
    fn what_spreadsheets_write_is_read() {
        let utf16 = "\u{feff}Name;E-mail\r\nJosé;j@x.example";
        let le: Vec<u8> = utf16.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = utf16.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let files: [&[u8]; 8] = [
            "Name,Email\r\nJosé,j@x.example".as_bytes(),
            "\u{feff}name;EMAIL\nJosé;j@x.example\n\n;\n".as_bytes(),
            "name\temail address\nJosé\tj@x.example".as_bytes(),
            b"Name,E-Mail\nJos\xe9,j@x.example",
            &le,
            &be,
            "name,mail\n\"José\",\"j@x.example\"".as_bytes(),
            "sep=;\r\nname;mail\r\nJosé;j@x.example".as_bytes(),
        ];
        for bytes in files {
            let (table, rows) = kept(bytes).unwrap();
            assert_eq!(table.names.len(), 2, "{bytes:?}");
            assert_eq!(rows[0].1, ["José", "j@x.example"], "{bytes:?}");
        }
        assert_eq!(kept(b"name,mail\n\x80uro,x").unwrap().1[0].1, ["€uro", "x"]);
        assert_eq!(kept(b"email,,\na").unwrap().0.names, ["email", "column 2", "column 3"]);
    }

    #[test]
    fn rows_know_the_lines_they_begin_in() {
        let lines = |bytes: &[u8]| -> Vec<u64> {
            kept(bytes).unwrap().1.into_iter().map(|it| it.0).collect()
        };
        assert_eq!(lines(b"email,size\n\"a\nb\",7\nc,8"), [2, 4]);
        assert_eq!(lines(b"email\r\na\r\n\r\nb\r\n\"c\r\nd\"\r\ne"), [2, 4, 5, 7]);
        assert_eq!(lines(b"sep=,\nemail\na\n\n\n\"\n\nb\"\nc\n"), [3, 6, 9]);
        let (_, rows) = kept(b"email,notes\na,\"two\r\nlines, \"\"quoted\"\"\"\nb,x").unwrap();
        assert_eq!(rows[0].1, ["a", "two\nlines, \"quoted\""]);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let many = format!("email\n{}", "a@x.example\n".repeat(MOST_ROWS as usize + 1));
        let wide = format!("email{}", ",x".repeat(MOST_COLUMNS));
        let open = format!("email\n\"{}", "a@x.example\n".repeat(100_000));
        let files: [&[u8]; 6] =
            [b"", b"email\n\n", b"email\na\0b", many.as_bytes(), wide.as_bytes(), open.as_bytes()];
        for bytes in files {
            assert!(matches!(kept(bytes), Err(DeskError::Invalid(_))));
        }
    }
}
