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

/// The type under which a file is kept and sent on: known by its bytes, or by an extension that
/// cannot hurt; else unknown bytes.
pub fn mime(head: &[u8], name: &str) -> &'static str {
    if let Some(picture) = picture(head) {
        return picture;
    }
    match head {
        [b'%', b'P', b'D', b'F', b'-', ..] => return "application/pdf",
        [b'O', b'g', b'g', b'S', ..] => return "audio/ogg",
        [b'I', b'D', b'3', ..] => return "audio/mpeg",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => return "video/mp4",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => return "audio/wav",
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
        let cases: [(&[u8], &str, &str); 12] = [
            (b"\x89PNG\r\n\x1a\n....", "a.html", "image/png"),
            (b"\xff\xd8\xff\xe0", "a", "image/jpeg"),
            (b"GIF89a<script>", "a.html", "image/gif"),
            (b"RIFF....WEBPVP8", "a", "image/webp"),
            (b"%PDF-1.7", "a.exe", "application/pdf"),
            (b"PK\x03\x04", "a.docx", office("a.docx").unwrap()),
            (b"PK\x03\x04", "a.jar", "application/zip"),
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
