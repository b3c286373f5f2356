//! Mail HTML made safe to show. Mail is stored as it came and cleaned when read, so that a better
//! cleaner also repairs old mail.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
};

use super::{
    depth, marker,
    plain::{self, Links},
    rules::{self, Images, Seen},
};

pub use super::escape::escape;

/// Part of every cache key: raise it with each change that alters what comes out.
pub const VERSION: u32 = 1;

/// Bytes. Longer mails are shown as text.
pub const MAX_HTML: usize = 1024 * 1024;
const MAX_DEPTH: usize = 256;
/// Cleaning again changes little; what is still moving after this is shown as text.
const MAX_PASSES: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteImages {
    /// Opening a mail must tell nobody that it was opened.
    Blocked,
    Shown,
}

pub struct Display<'a> {
    /// The address of the attachment with this Content-ID, if the message has it. It is taken as it is.
    pub inline: &'a dyn Fn(&str) -> Option<String>,
    pub remote_images: RemoteImages,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    pub html: String,
    pub blocked_images: usize,
}

/// Without images to map, `clean(clean(x)) == clean(x)`. Takes time: keep it off threads that serve
/// others, and keep its result under [`VERSION`].
pub fn clean(html: &str, display: &Display<'_>) -> Cleaned {
    if html.len() > MAX_HTML || depth::exceeds(html, MAX_DEPTH) {
        return as_text(html);
    }
    let remote = display.remote_images == RemoteImages::Shown;
    let seen = Arc::new(Seen::default());
    let mut out = pass(html, Images::Find { remote, seen: seen.clone() });
    let known: HashMap<String, String> = seen
        .content_ids()
        .into_iter()
        .filter_map(|id| (display.inline)(&id).map(|url| (id, url)))
        .collect();
    let ids = Arc::new(known.keys().cloned().collect());
    // Dropping an element can change how the rest parses: go on until nothing changes.
    for _ in 0..MAX_PASSES {
        if out.len() > MAX_HTML || depth::exceeds(&out, MAX_DEPTH) {
            break;
        }
        let again = pass(&out, Images::Keep { remote, known: Arc::clone(&ids) });
        if again == out {
            return Cleaned {
                html: map_images(&out, known, remote),
                blocked_images: seen.blocked(),
            };
        }
        out = again;
    }
    as_text(html)
}

fn pass(html: &str, images: Images) -> String {
    rules::builder(images).clean(&marker::hide(html)).to_string()
}

/// Writes our addresses last: they may be relative, which no other address may be. A random name stands
/// for each until then, so that nothing in the mail can be taken for one.
fn map_images(html: &str, known: HashMap<String, String>, remote: bool) -> String {
    if known.is_empty() {
        return html.to_owned();
    }
    let base = format!("https://{:016x}.invalid/", RandomState::new().build_hasher().finish());
    let (ids, urls): (Vec<String>, Vec<String>) = known.into_iter().unzip();
    let places = ids.into_iter().enumerate().map(|(at, id)| (id, format!("{base}{at}/"))).collect();
    let placed = pass(html, Images::Place { remote, places: Arc::new(places) });
    let mut out = String::with_capacity(placed.len());
    let mut rest = placed.as_str();
    while let Some(at) = rest.find(&base) {
        out.push_str(&rest[..at]);
        rest = &rest[at + base.len()..];
        let (index, tail) = rest.split_once('/').unwrap_or((rest, ""));
        if let Some(url) = index.parse::<usize>().ok().and_then(|it| urls.get(it)) {
            out.push_str(&super::escape::plain(url));
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn as_text(html: &str) -> Cleaned {
    let text = plain::from_html(html, Links::Hide);
    // Escaping makes a byte into six at most, so that this can be cleaned again.
    let text = super::lines::cut(&text, MAX_HTML / 6);
    let linked = escape(text);
    let html = match linked.len() <= MAX_HTML {
        true => linked,
        false => super::escape::plain(text),
    };
    Cleaned {
        html: pass(&html, Images::Keep { remote: false, known: Arc::default() }),
        blocked_images: 0,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;

    const PLAIN: Display<'static> =
        Display { inline: &|_| None, remote_images: RemoteImages::Blocked };

    fn cleaned(html: &str) -> String {
        clean(html, &PLAIN).html
    }

    #[test]
    fn nothing_active_survives() {
        let cases = [
            ("<script>x</script><b onclick=x style=x class=x id=x>hi</b>", "<b>hi</b>"),
            ("<style>a{}</style><form action=/x><input><button>go</button></form>", "go"),
            ("<svg><a href='javascript:x'>x</a></svg><math><mi>y</mi></math>z", "z"),
            ("<base href=//x><meta http-equiv=refresh><link rel=x><iframe src=x></iframe>a", "a"),
            ("<title>t</title><object data=x>o</object><embed src=x>b", "b"),
            ("<td background='https://x/y'>c", "c"),
            ("a [ref:abcd1234] b", "a   b"),
        ];
        for (html, want) in cases {
            assert_eq!(cleaned(html).trim(), want, "{html}");
        }
    }

    #[test]
    fn only_plain_links_survive() {
        let good = ["https://x.example/", "HTTP://x.example/", "mailto:a@x.example", "tel:+49123"];
        for href in good {
            let want = format!(
                "<a href=\"{href}\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">x</a>"
            );
            assert_eq!(cleaned(&format!("<a href=\"{href}\">x</a>")), want);
        }
        let bad = [
            "javascript:x",
            "JaVaScRiPt:x",
            "java\tscript:x",
            "&#106;avascript:x",
            "\u{1}javascript:x",
            "vbscript:x",
            "data:text/html,x",
            "blob:x",
            "file:///x",
            "ftp://x",
            "cid:x",
            "/logout",
            "logout",
            "//x.example",
            "#x",
            "?x",
            "http:///",
            "https:",
        ];
        for href in bad {
            let got = cleaned(&format!("<a href=\"{href}\">x</a>"));
            assert!(!got.contains("href"), "{href}: {got}");
        }
    }

    #[test]
    fn images_are_mapped_blocked_or_shown() {
        let html = "<img src='cid:a%40b' alt=A><img src='CID:<no>'><img src='https://x.example/t.gif' width=1>\
            <img src='data:image/png;base64,x'><img src='/api/x'><p>cid:a@b</p>";
        let inline = |id: &str| (id == "a@b").then(|| "/api/files/1?a=1&b=2".to_owned());
        let got = clean(html, &Display { inline: &inline, remote_images: RemoteImages::Blocked });
        let want = "<img src=\"/api/files/1?a=1&amp;b=2\" alt=\"A\"><img><img width=\"1\"><img><img><p>cid:a@b</p>";
        assert_eq!(got, Cleaned { html: want.to_owned(), blocked_images: 1 });
        let got = clean(html, &Display { inline: &inline, remote_images: RemoteImages::Shown });
        assert_eq!(got.blocked_images, 0);
        assert!(got.html.contains("src=\"https://x.example/t.gif\""));
    }

    #[test]
    fn layout_is_kept_in_bounds() {
        let html = "<table width=600 border=0 bgcolor='#fff'><tbody><tr><td align=center colspan=2 width='50%'>x</td></tr></tbody></table>";
        let want = html
            .replace("600", "\"600\"")
            .replace("border=0", "border=\"0\"")
            .replace('\'', "\"")
            .replace("center", "\"center\"")
            .replace("colspan=2", "colspan=\"2\"");
        assert_eq!(cleaned(html), want);
        assert_eq!(
            cleaned("<p align='x:y' title=ok><font color='url(x)' face='Arial, sans'>a</font>"),
            "<p title=\"ok\"><font face=\"Arial, sans\">a</font></p>"
        );
        assert_eq!(cleaned("<hr width=999999 size=-1>"), "<hr>");
    }

    #[test]
    fn too_deep_or_too_long_becomes_text() {
        for html in [
            "<div>".repeat(100_000) + "hello",
            "<ul><li>".repeat(50_000) + "hello",
            format!("{}hello", "<b x>".repeat(999)),
        ] {
            let start = Instant::now();
            assert_eq!(
                cleaned(&html)
                    .trim_start_matches("- \n")
                    .trim_start_matches(['-', ' ', '<', 'b', 'r', '>', '\n']),
                "hello"
            );
            assert!(start.elapsed() < Duration::from_secs(60));
        }
        let long = format!("<p>{}</p>", "a 'b' & c ".repeat(200_000));
        let got = cleaned(&long);
        assert!(got.len() < MAX_HTML && got.starts_with("a 'b' &amp; c"));
        assert_eq!(cleaned(&got), got);
        let links = "http://a.b/ ".repeat(200_000);
        let got = cleaned(&links);
        assert_eq!(cleaned(&got), got);
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(html in fragments()) {
            let once = cleaned(&html);
            prop_assert_eq!(cleaned(&once), once.clone(), "{}", html);
            let bad = crate::email::rules::forbidden(&once);
            prop_assert!(bad.is_none(), "{:?} in {}", bad, once);
        }
    }

    /// Tags in wrong places, half tags and odd attributes, in any order.
    fn fragments() -> impl Strategy<Value = String> {
        let names = "(a|b|p|div|table|tr|td|ul|li|svg|math|style|script|title|textarea|select|option|form|mi|mtext\
            |annotation-xml|foreignObject|noscript|template|xmp|img|font|button|h1|pre|plaintext|frameset|body|caption|col)";
        let attribute = "( (href|src|style|onclick|title|id|xlink:href|encoding|width|align|background)=\
            ('(javascript:x|https://x.example/|cid:a|/x|</style><img src=x onerror=y>|1|text/html|-->)'|\"|x))?";
        let piece = format!(
            "<{names}{attribute}>|</{names}>|text|<!--|-->|<!\\[CDATA\\[|\\]\\]>|[<>&\"'=/]|&lt;|&#0;|\\[ref:|abcd\\]"
        );
        proptest::collection::vec(proptest::string::string_regex(&piece).unwrap(), 0..14)
            .prop_map(|it| it.concat())
    }
}
