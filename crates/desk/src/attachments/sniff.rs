//! What a file is by its first bytes, whatever its name or its sender says.

/// Bytes that decide.
pub const HEAD: usize = 512;

/// Pictures a browser may show in place; everything else is only ever saved.
pub fn picture(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// Sound and film: nothing in them runs, and a player is told what they are.
pub fn media(head: &[u8]) -> Option<&'static str> {
    let says = |word: &[u8]| head.windows(word.len()).any(|it| it == word);
    match head {
        [b'O', b'g', b'g', b'S', ..] if says(b"theora") => Some("video/ogg"),
        [b'O', b'g', b'g', b'S', ..] => Some("audio/ogg"),
        [b'f', b'L', b'a', b'C', ..] => Some("audio/flac"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some("audio/wav"),
        [b'#', b'!', b'A', b'M', b'R', ..] => Some("audio/amr"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] if says(b"webm") => Some("video/webm"),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => of_brand(brand.first_chunk()?),
        // A frame of MPEG sound, as files begin that name no title.
        [b'I', b'D', b'3', ..] | [0xff, 0xfb | 0xf3 | 0xf2, ..] => Some("audio/mpeg"),
        [0xff, 0xf1 | 0xf9, ..] => Some("audio/aac"),
        _ => None,
    }
}

/// Of the files in boxes (ISO/IEC 14496-12) those that are played; the others are pictures.
fn of_brand(brand: &[u8; 4]) -> Option<&'static str> {
    match brand {
        b"M4A " | b"M4B " => Some("audio/mp4"),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" | b"avif"
        | b"avis" => None,
        [b'3', b'g', ..] => Some("video/3gpp"),
        _ => Some("video/mp4"),
    }
}

/// The type under which a file is kept and sent on: known by its bytes, or by an extension that
/// cannot hurt; else unknown bytes.
pub fn mime(head: &[u8], name: &str) -> &'static str {
    if let Some(picture) = picture(head) {
        return picture;
    }
    if let Some(media) = media(head) {
        return media;
    }
    match head {
        [b'%', b'P', b'D', b'F', b'-', ..] => return "application/pdf",
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', ..] => return "image/avif",
        [_, _, _, _, b'f', b't', b'y', b'p', b'h' | b'm', ..] => return "image/heic",
        [b'P', b'K', 3, 4, ..] => return office(name).unwrap_or("application/zip"),
        [0x1f, 0x8b, ..] => return "application/gzip",
        _ => {}
    }
    let is_text = !head.contains(&0) && is_utf8_so_far(head);
    match extension(name).as_str() {
        "txt" | "log" | "md" if is_text => "text/plain",
        "csv" if is_text => "text/csv",
        "ics" if is_text => "text/calendar",
        "vcf" if is_text => "text/vcard",
        "json" if is_text => "application/json",
        _ => "application/octet-stream",
    }
}

fn office(name: &str) -> Option<&'static str> {
    match extension(name).as_str() {
        "docx" => Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        "xlsx" => Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "pptx" => Some("application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        "odt" => Some("application/vnd.oasis.opendocument.text"),
        "ods" => Some("application/vnd.oasis.opendocument.spreadsheet"),
        _ => None,
    }
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, it)| it.to_ascii_lowercase()).unwrap_or_default()
}

/// The last character may be cut off.
fn is_utf8_so_far(head: &[u8]) -> bool {
    match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide_and_active_content_is_unknown_bytes() {
        let cases: [(&[u8], &str, &str); 23] = [
            (b"\x89PNG\r\n\x1a\n....", "a.html", "image/png"),
            (b"\xff\xd8\xff\xe0", "a", "image/jpeg"),
            (b"GIF89a<script>", "a.html", "image/gif"),
            (b"RIFF....WEBPVP8", "a", "image/webp"),
            (b"%PDF-1.7", "a.exe", "application/pdf"),
            (b"PK\x03\x04", "a.docx", office("a.docx").unwrap()),
            (b"PK\x03\x04", "a.jar", "application/zip"),
            (b"OggS....\x80theora", "a", "video/ogg"),
            (b"OggS....OpusHead", "a.html", "audio/ogg"),
            (b"ID3\x04", "a", "audio/mpeg"),
            (b"\xff\xfb\x90\x64", "a", "audio/mpeg"),
            (b"RIFF....WAVEfmt ", "a", "audio/wav"),
            (b"\x1a\x45\xdf\xa3....webm", "a", "video/webm"),
            (b"\x1a\x45\xdf\xa3....matroska", "a", "application/octet-stream"),
            (b"\0\0\0\x20ftypisom", "a.html", "video/mp4"),
            (b"\0\0\0\x20ftypM4A ", "a", "audio/mp4"),
            (b"\0\0\0\x20ftypheic", "a", "image/heic"),
            (b"\0\0\0\x20ftypavif", "a", "image/avif"),
            (b"hello", "a.TXT", "text/plain"),
            (b"\0\x01", "a.txt", "application/octet-stream"),
            (b"<html>", "a.html", "application/octet-stream"),
            (b"<svg>", "a.svg", "application/octet-stream"),
            (b"", "", "application/octet-stream"),
        ];
        for (head, name, want) in cases {
            assert_eq!(mime(head, name), want, "{name}");
        }
    }
}
