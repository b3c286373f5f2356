//! Attached files: what they are called and what they claim to be.

use domain::text;

use super::lines;

/// Bytes. Room for a date and a suffix below the 255 of most file systems.
const MAX_NAME: usize = 200;
const MAX_EXTENSION: usize = 16;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// For display and as a suggestion on download; never a path.
    pub name: String,
    /// `type/subtype`, lower case, as the sender claims.
    pub mime_type: String,
    /// Without angle brackets.
    pub content_id: Option<String>,
    /// Meant to be seen within the text.
    pub inline: bool,
    pub bytes: Vec<u8>,
}

/// A name to show: no path, no invisible or control characters, bounded on a character boundary with
/// its extension kept. Characters go first and the rules are checked on what is left.
pub fn name(raw: &str, mime_type: &str) -> String {
    let tail = raw.char_indices().rev().nth(2000).map_or(0, |(at, _)| at);
    let visible: String = raw[tail..]
        .chars()
        .filter(|it| !lines::invisible(*it))
        .map(|it| if it == '\\' { '/' } else { it })
        .collect();
    let line = text::line_lossy(&visible, visible.len());
    let base = line.rsplit('/').next().unwrap_or_default();
    let base = base.trim_matches(|it: char| it == '.' || it.is_whitespace());
    if !base.chars().any(char::is_alphanumeric) {
        return default_name(mime_type).to_owned();
    }
    let bounded = bound(base);
    let stem = bounded.split('.').next().unwrap_or_default();
    if reserved(stem) { format!("_{bounded}") } else { bounded }
}

fn bound(base: &str) -> String {
    if base.len() <= MAX_NAME {
        return base.to_owned();
    }
    let extension = base.rsplit_once('.').map(|(_, it)| it).filter(|it| it.len() <= MAX_EXTENSION);
    let Some(extension) = extension else {
        return lines::cut(base, MAX_NAME).trim_end_matches(['.', ' ']).to_owned();
    };
    let stem = lines::cut(base, MAX_NAME - extension.len() - 1);
    format!("{}.{extension}", stem.trim_end_matches(['.', ' ']))
}

/// Device names that Windows opens instead of a file.
fn reserved(stem: &str) -> bool {
    let stem = stem.trim().to_ascii_lowercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix)
            .is_some_and(|it| it.len() == 1 && it.as_bytes()[0].is_ascii_digit())
    };
    ["con", "prn", "aux", "nul"].contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

fn default_name(mime_type: &str) -> &'static str {
    match mime_type {
        "message/rfc822" | "message/global" => "message.eml",
        "text/calendar" => "invite.ics",
        "text/html" => "page.html",
        "text/csv" => "table.csv",
        "text/vcard" | "text/x-vcard" => "contact.vcf",
        "text/plain" => "text.txt",
        "image/jpeg" | "image/jpg" => "image.jpg",
        "image/png" => "image.png",
        "image/gif" => "image.gif",
        "image/webp" => "image.webp",
        "image/heic" => "image.heic",
        "application/pdf" => "document.pdf",
        "application/zip" => "archive.zip",
        "application/json" => "data.json",
        "application/pgp-signature" => "signature.asc",
        "application/pkcs7-signature" | "application/x-pkcs7-signature" => "smime.p7s",
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => "smime.p7m",
        "application/ms-tnef" => "winmail.dat",
        _ if mime_type.starts_with("image/") => "image",
        _ if mime_type.starts_with("audio/") => "audio",
        _ if mime_type.starts_with("video/") => "video",
        _ => "attachment",
    }
}

/// `type/subtype` of RFC 2045 tokens, or the type for unknown bytes.
pub fn mime_type(main: &str, sub: &str) -> String {
    let token = |it: &str| {
        !it.is_empty()
            && it.len() <= 100
            && it.bytes().all(|it| it.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&it))
    };
    if token(main) && token(sub) {
        return format!("{main}/{sub}").to_ascii_lowercase();
    }
    "application/octet-stream".to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_for_display_only() {
        let long = format!("{}.pdf", "ä".repeat(300));
        let cases = [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ann\\x.doc", "x.doc"),
            ("inv\u{202e}gpj.exe", "invgpj.exe"),
            (".\u{200b}./\u{200b}..", "document.pdf"),
            ("a\r\nb\u{0}.txt", "a b .txt"),
            ("....", "document.pdf"),
            ("", "document.pdf"),
            ("CON.txt", "_CON.txt"),
            ("x.txt. . ", "x.txt"),
            (&"\u{301}".repeat(50_000), "document.pdf"),
        ];
        for (raw, want) in cases {
            assert_eq!(name(raw, "application/pdf"), want, "{:?}", lines::cut(raw, 60));
        }
        let cut = name(&long, "application/pdf");
        assert!(cut.len() <= MAX_NAME && cut.ends_with("ä.pdf"), "{cut}");
        assert!(name(&format!("a.{}", "x".repeat(5000)), "").len() <= MAX_NAME);
    }

    #[test]
    fn types_are_tokens() {
        assert_eq!(mime_type("Image", "PNG"), "image/png");
        for (main, sub) in [("text", "html; x"), ("a\r\nb", "c"), ("", "x"), ("x", "")] {
            assert_eq!(mime_type(main, sub), "application/octet-stream");
        }
    }

    proptest! {
        #[test]
        fn a_name_is_never_empty_a_path_or_too_long(raw in "\\PC{0,300}|[./\\\\\u{200b}\u{202e}a. ]{0,40}") {
            let it = name(&raw, "image/png");
            prop_assert!(!it.is_empty() && it.len() <= MAX_NAME + 1);
            prop_assert!(!it.contains(['/', '\\']) && !it.chars().any(|it| it.is_control() || lines::invisible(it)));
            prop_assert!(it != "." && it != "..");
        }
    }
}
