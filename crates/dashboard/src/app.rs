//! The dashboard: one page for all its addresses, and the files it loads, as they were built in
//! `ui/`.

use std::borrow::Cow;

use rust_embed::Embed;

#[derive(Embed)]
#[folder = "dist/"]
struct Built;

/// Addresses a browser may ask for by themselves; the page finds out what to show there.
pub const ADDRESSES: [&str; 14] = [
    "/",
    "/sign-in",
    "/setup",
    "/invitation",
    "/reset",
    "/first-steps",
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
/// What in the page says whether its request came with a session.
const SESSION: &str = "__SESSION__";
/// What in the page of the demo's shop stands for the channel its chat belongs to.
const CHANNEL: &str = "__CHANNEL__";

/// A built file, also compressed where that pays.
#[derive(Debug, Clone)]
pub struct Asset {
    pub content_type: &'static str,
    pub plain: Cow<'static, [u8]>,
    pub brotli: Option<Cow<'static, [u8]>>,
    pub gzip: Option<Cow<'static, [u8]>>,
}

/// The page, with the nonce its styles carry.
///
/// Without a session it need not ask who is signed in: the answer, a 401, would be an error in every
/// browser's console.
pub fn page(nonce: &str, has_session: bool) -> String {
    let session = if has_session { "yes" } else { "none" };
    html("index.html").replace(NONCE, nonce).replace(SESSION, session)
}

/// What visitors chat in, framed by other sites. It finds its channel in its own address and has
/// neither style nor script inline, so it needs no nonce.
pub fn widget_page() -> String {
    html("widget.html")
}

/// The script other sites load; it brings the visitor the button that opens the chat.
pub fn widget_loader() -> Option<Asset> {
    built("widget.js")
}

/// The make-believe shop that shows the chat of this channel.
pub fn demo_page(channel: &str) -> String {
    html("demo.html").replace(CHANNEL, channel)
}

/// The file of this name below [`FILES`].
pub fn asset(name: &str) -> Option<Asset> {
    built(&format!("assets/app/{name}"))
}

fn html(name: &str) -> String {
    let built = Built::get(name).map(|it| it.data).unwrap_or_default();
    String::from_utf8_lossy(&built).into_owned()
}

fn built(path: &str) -> Option<Asset> {
    let data = |ending: &str| Some(Built::get(&format!("{path}{ending}"))?.data);
    let content_type = match path.rsplit_once('.')?.1 {
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
        let page = page("a-nonce", false);
        assert!(page.contains("content=\"a-nonce\"") && !page.contains(NONCE));
        assert!(page.contains("name=\"session\" content=\"none\""), "{page}");
        for banned in ["<style", "style=", "onload", "<script>", "https://"] {
            assert!(!page.contains(banned), "{banned}: {page}");
        }
    }

    #[test]
    fn all_files_the_pages_name_are_there() {
        for page in [page("x", true), widget_page(), demo_page("y")] {
            let named: Vec<&str> =
                page.split('"').filter_map(|it| it.strip_prefix(FILES)).collect();
            assert!(!named.is_empty(), "{page}");
            for name in named {
                let asset = asset(name).unwrap();
                assert!(asset.plain.len() < 1_000 || asset.brotli.is_some(), "{name}");
            }
        }
        assert!(asset("../index.html").is_none() && asset("nothing.js").is_none());
    }

    #[test]
    fn the_demo_loads_the_chat_of_its_channel() {
        let page = demo_page("a-channel");
        assert!(page.contains("data-channel=\"a-channel\"") && !page.contains(CHANNEL));
        assert!(page.contains("src=\"/widget.js\""));
        assert!(widget_loader().unwrap().brotli.is_some());
    }

    /// The content security policy would silently drop these.
    #[test]
    fn visitors_pages_have_nothing_inline_and_nothing_from_elsewhere() {
        for page in [widget_page(), demo_page("x")] {
            for banned in ["<style", "style=", "onclick", "onload", "<script>", "https://"] {
                assert!(!page.contains(banned), "{banned}: {page}");
            }
        }
    }
}
