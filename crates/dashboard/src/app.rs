//! The dashboard: one page for all its addresses, and the files it loads, as they were built in
//! `ui/`.

use std::borrow::Cow;

use rust_embed::Embed;

#[derive(Embed)]
#[folder = "dist/"]
struct Built;

/// Addresses a browser may ask for by themselves; the page finds out what to show there.
pub const ADDRESSES: [&str; 10] = [
    "/",
    "/sign-in",
    "/inbox",
    "/inbox/{conversation}",
    "/contacts",
    "/contacts/{contact}",
    "/analytics",
    "/settings",
    "/settings/{section}",
    "/settings/{section}/{item}",
];
/// Where the files lie. Their names change with their bytes.
pub const FILES: &str = "/assets/app/";

/// What in the page stands for the nonce of its answer.
const NONCE: &str = "__NONCE__";

/// A built file, also compressed where that pays.
#[derive(Debug, Clone)]
pub struct Asset {
    pub content_type: &'static str,
    pub plain: Cow<'static, [u8]>,
    pub brotli: Option<Cow<'static, [u8]>>,
    pub gzip: Option<Cow<'static, [u8]>>,
}

/// The page, with the nonce its styles carry.
pub fn page(nonce: &str) -> String {
    let built = Built::get("index.html").map(|it| it.data).unwrap_or_default();
    String::from_utf8_lossy(&built).replace(NONCE, nonce)
}

/// The file of this name below [`FILES`].
pub fn asset(name: &str) -> Option<Asset> {
    let data = |ending: &str| Some(Built::get(&format!("assets/app/{name}{ending}"))?.data);
    let content_type = match name.rsplit_once('.')?.1 {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        _ => return None,
    };
    Some(Asset { content_type, plain: data("")?, brotli: data(".br"), gzip: data(".gz") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_its_nonce_and_nothing_inline() {
        let page = page("a-nonce");
        assert!(page.contains("content=\"a-nonce\"") && !page.contains(NONCE));
        for banned in ["<style", "style=", "onload", "<script>", "https://"] {
            assert!(!page.contains(banned), "{banned}: {page}");
        }
    }

    #[test]
    fn all_files_the_page_names_are_there() {
        let page = page("x");
        let named: Vec<&str> = page.split('"').filter_map(|it| it.strip_prefix(FILES)).collect();
        assert!(named.len() >= 2, "{page}");
        for name in named {
            let asset = asset(name).unwrap();
            assert!(asset.plain.len() < 1_000 || asset.brotli.is_some(), "{name}");
        }
        assert!(asset("../index.html").is_none() && asset("nothing.js").is_none());
    }
}
