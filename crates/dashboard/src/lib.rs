//! What a browser gets, embedded as bytes: the dashboard, and the pages that lead into it.

pub mod app;

/// One file of the browser's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// Where it is served.
    pub path: &'static str,
    pub content_type: &'static str,
    pub bytes: &'static [u8],
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Set-up, invitation and password reset: they work before anybody can sign in.
pub const FILES: [File; 6] = [
    File { path: "/setup", content_type: HTML, bytes: include_bytes!("../pages/setup.html") },
    File {
        path: "/invitation",
        content_type: HTML,
        bytes: include_bytes!("../pages/invitation.html"),
    },
    File { path: "/reset", content_type: HTML, bytes: include_bytes!("../pages/reset.html") },
    File {
        path: "/assets/access.css",
        content_type: CSS,
        bytes: include_bytes!("../pages/access.css"),
    },
    File {
        path: "/assets/access.js",
        content_type: JAVASCRIPT,
        bytes: include_bytes!("../pages/access.js"),
    },
    // The path browsers ask for by themselves, also beside pages that name no icon.
    File { path: "/favicon.ico", content_type: SVG, bytes: include_bytes!("../pages/icon.svg") },
];

impl File {
    /// Whether it is a page; everything else belongs to one.
    pub fn is_page(&self) -> bool {
        self.content_type == HTML
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content security policy would silently drop these.
    #[test]
    fn pages_have_no_inline_script_or_style_and_nothing_from_elsewhere() {
        for file in FILES.iter().filter(|it| it.is_page()) {
            let text = std::str::from_utf8(file.bytes).unwrap();
            for banned in ["<style", "style=", "onclick", "onload", "onsubmit", "//", "<script>"] {
                assert!(!text.contains(banned), "{} has {banned}", file.path);
            }
            assert!(text.contains("<html lang=\"en\">"), "{}", file.path);
            assert!(text.contains("name=\"viewport\""), "{}", file.path);
        }
    }
}
