//! Which HTML a mail may show. Everything is named here; what is not named does not survive.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use ammonia::{Builder, UrlRelative};
use percent_encoding::percent_decode_str;
use url::Url;

const TAGS: [&str; 66] = [
    "a",
    "abbr",
    "acronym",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

/// Gone with all they hold.
const SILENT: [&str; 19] = [
    "script", "style", "title", "textarea", "select", "option", "iframe", "object", "embed",
    "applet", "template", "svg", "math", "xmp", "noembed", "noframes", "noscript", "audio",
    "video",
];

const ANYWHERE: [&str; 3] = ["dir", "lang", "title"];

const ATTRIBUTES: [(&str, &[&str]); 24] = [
    ("a", &["href"]),
    ("img", &["src", "alt", "width", "height", "border", "align"]),
    ("table", &["align", "bgcolor", "border", "cellpadding", "cellspacing", "width", "height"]),
    ("td", &["align", "valign", "bgcolor", "width", "height", "colspan", "rowspan"]),
    ("th", &["align", "valign", "bgcolor", "width", "height", "colspan", "rowspan"]),
    ("tr", &["align", "valign", "bgcolor", "height"]),
    ("tbody", &["align", "valign"]),
    ("thead", &["align", "valign"]),
    ("tfoot", &["align", "valign"]),
    ("col", &["span", "width", "align"]),
    ("colgroup", &["span", "width", "align"]),
    ("caption", &["align"]),
    ("font", &["color", "face", "size"]),
    ("hr", &["align", "color", "size", "width"]),
    ("p", &["align"]),
    ("div", &["align"]),
    ("h1", &["align"]),
    ("h2", &["align"]),
    ("h3", &["align"]),
    ("h4", &["align"]),
    ("ol", &["start", "type"]),
    ("ul", &["type"]),
    ("li", &["value"]),
    ("br", &["clear"]),
];

const SCHEMES: [&str; 5] = ["http", "https", "mailto", "tel", "cid"];

const REL: &str = "noopener noreferrer nofollow";

/// What becomes of an image's address.
pub enum Images {
    /// The first look: notes what is there.
    Find {
        remote: bool,
        seen: Arc<Seen>,
    },
    Keep {
        remote: bool,
        known: Arc<HashSet<String>>,
    },
    /// Puts these in place of `cid:` addresses.
    Place {
        remote: bool,
        places: Arc<HashMap<String, String>>,
    },
}

#[derive(Default)]
pub struct Seen {
    ids: Mutex<HashSet<String>>,
    blocked: AtomicUsize,
}

impl Seen {
    pub fn content_ids(&self) -> Vec<String> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub fn blocked(&self) -> usize {
        self.blocked.load(Ordering::Relaxed)
    }
}

impl Images {
    fn source<'u>(&self, url: &'u str) -> Option<Cow<'u, str>> {
        if let Some(id) = content_id(url) {
            return match self {
                Self::Find { seen, .. } => {
                    seen.ids.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
                    Some(url.into())
                }
                Self::Keep { known, .. } => known.contains(&id).then(|| url.into()),
                Self::Place { places, .. } => places.get(&id).cloned().map(Cow::Owned),
            };
        }
        if !is_web(url) {
            return None;
        }
        let (Self::Find { remote, .. } | Self::Keep { remote, .. } | Self::Place { remote, .. }) =
            self;
        if !remote && let Self::Find { seen, .. } = self {
            seen.blocked.fetch_add(1, Ordering::Relaxed);
        }
        remote.then(|| url.into())
    }
}

/// Without brackets and percent signs, as attachments carry it.
fn content_id(url: &str) -> Option<String> {
    let scheme = url.get(..4)?;
    let id = scheme.eq_ignore_ascii_case("cid:").then(|| &url[4..])?;
    super::headers::clean_id(&percent_decode_str(id).decode_utf8_lossy())
}

fn is_web(url: &str) -> bool {
    Url::parse(url).is_ok_and(|it| matches!(it.scheme(), "http" | "https") && it.has_host())
}

pub fn builder(images: Images) -> Builder<'static> {
    static BASE: LazyLock<HashMap<&str, HashSet<&str>>> = LazyLock::new(|| {
        ATTRIBUTES.iter().map(|(tag, list)| (*tag, list.iter().copied().collect())).collect()
    });
    let mut it = Builder::empty();
    it.tags(TAGS.into_iter().collect())
        .clean_content_tags(SILENT.into_iter().collect())
        .generic_attributes(ANYWHERE.into_iter().collect())
        .tag_attributes(BASE.clone())
        .set_tag_attribute_value("a", "target", "_blank")
        .link_rel(Some(REL))
        .url_schemes(SCHEMES.into_iter().collect())
        .url_relative(UrlRelative::Deny)
        .attribute_filter(move |tag, name, value| match (tag, name) {
            ("img", "src") => images.source(value),
            _ => value_allowed(tag, name, value).then(|| value.into()),
        });
    it
}

fn value_allowed(tag: &str, name: &str, value: &str) -> bool {
    let digits = |it: &str, max: usize| {
        (1..=max).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit())
    };
    match name {
        "href" => is_link(value),
        "rel" => value == REL,
        "target" => value == "_blank",
        "width" | "height" => digits(value.trim_end_matches('%').trim_end_matches("px"), 4),
        "border" | "cellpadding" | "cellspacing" => digits(value, 3),
        "colspan" | "rowspan" | "span" => digits(value, 3),
        "start" | "value" => digits(value, 6),
        "size" if tag == "hr" => digits(value, 3),
        "size" => digits(value.trim_start_matches(['+', '-']), 2),
        "align" | "valign" | "clear" | "type" | "dir" => {
            value.len() <= 10 && value.bytes().all(|it| it.is_ascii_alphanumeric())
        }
        "bgcolor" | "color" => {
            value.len() <= 20
                && value
                    .strip_prefix('#')
                    .unwrap_or(value)
                    .bytes()
                    .all(|it| it.is_ascii_alphanumeric())
        }
        "face" => {
            value.len() <= 200
                && value.chars().all(|it| it.is_alphanumeric() || " ,-'\"".contains(it))
        }
        "lang" => {
            value.len() <= 35 && value.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
        }
        "title" | "alt" => value.len() <= 2000,
        _ => false,
    }
}

fn is_link(url: &str) -> bool {
    if url.len() > 8000 {
        return false;
    }
    match Url::parse(url) {
        Ok(it) => match it.scheme() {
            "http" | "https" => it.has_host(),
            "mailto" | "tel" => true,
            _ => false,
        },
        Err(_) => false,
    }
}

/// The first element or attribute in the HTML, parsed as a browser would, that [`builder`] should not
/// have let through. For tests and fuzzing.
pub fn forbidden(html: &str) -> Option<String> {
    use html5ever::tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer,
    };

    #[derive(Default)]
    struct Sink(Mutex<Option<String>>);

    impl TokenSink for Sink {
        type Handle = ();

        fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
            let bad = match token {
                Token::TagToken(tag) => check(&tag),
                Token::CommentToken(it) => Some(format!("comment {it}")),
                Token::DoctypeToken(_) => Some("doctype".to_owned()),
                _ => None,
            };
            if bad.is_some() {
                *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bad;
            }
            TokenSinkResult::Continue
        }
    }

    fn check(tag: &Tag) -> Option<String> {
        let name: &str = &tag.name;
        if !TAGS.contains(&name) {
            return Some(name.to_owned());
        }
        if tag.kind == TagKind::EndTag {
            return None;
        }
        tag.attrs.iter().find_map(|it| {
            let attribute: &str = &it.name.local;
            let value: &str = &it.value;
            let listed = ANYWHERE.contains(&attribute)
                || ATTRIBUTES.iter().any(|(tag, list)| *tag == name && list.contains(&attribute))
                || name == "a" && matches!(attribute, "rel" | "target");
            let allowed = match (name, attribute) {
                ("img", "src") => is_web(value),
                _ => value_allowed(name, attribute, value),
            };
            (!listed || !allowed).then(|| format!("{name} {attribute}={value}"))
        })
    }

    let tokenizer = Tokenizer::new(Sink::default(), Default::default());
    let input = BufferQueue::default();
    input.push_back(html.into());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner().unwrap_or_else(PoisonError::into_inner)
}
