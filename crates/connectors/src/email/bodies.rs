//! The text and the HTML of an outgoing mail.

use super::{
    clean::{self, Display, RemoteImages},
    compose::{Outgoing, Quoted, inline_id},
    escape::escape,
    lines, marker,
    plain::{self, Links},
};

pub struct Bodies {
    pub text: String,
    pub html: String,
}

impl Bodies {
    /// Whether the HTML shows the image with this Content-ID.
    pub fn shows(&self, content_id: &str) -> bool {
        self.html.contains(&format!("\"cid:{content_id}\""))
    }
}

/// Both forms, always. The mark stands at the end of what we wrote, above the history.
pub fn make(mail: &Outgoing) -> Bodies {
    let written = mail.html.as_deref().filter(|it| !it.trim().is_empty());
    let html = match written {
        Some(html) => {
            // What our own people wrote may show remote images, and those it brings along.
            let brought: Vec<String> = mail.attachments.iter().filter_map(inline_id).collect();
            let inline = |id: &str| brought.iter().any(|it| it == id).then(|| format!("cid:{id}"));
            let display = Display { inline: &inline, remote_images: RemoteImages::Shown };
            clean::clean(html, &display).html
        }
        None => format!("<div>{}</div>", escape(&lines::block(&mail.text))),
    };
    let text = match (mail.text.trim().is_empty(), written) {
        (true, Some(_)) => plain::from_html(&html, Links::Show),
        _ => lines::block(&mail.text),
    };
    let mut text = text.trim_end().to_owned();
    let mut html = format!("<html><body>{html}");
    if let Some(token) = mail.marker.as_deref().filter(|it| marker::is_token(it)) {
        let mark = marker::body(token);
        text.push_str(&format!("\n\n{mark}"));
        html.push_str(&format!(
            "<span style=\"display:none;font-size:0;line-height:0;color:transparent;mso-hide:all\">{mark}</span>"
        ));
    }
    if let Some(quoted) = &mail.quoted {
        text.push_str(&quoted_text(quoted));
        html.push_str(&quoted_html(quoted));
    }
    text.push('\n');
    html.push_str("</body></html>\n");
    Bodies { text, html }
}

fn quoted_text(quoted: &Quoted) -> String {
    let mut out = format!("\n\n{}\n", lines::line(&quoted.attribution, 500));
    for line in lines::block(&quoted.text).trim_end().lines() {
        out.push_str(if line.starts_with('>') { ">" } else { "> " });
        out.push_str(line);
        out.push('\n');
    }
    out.trim_end().to_owned()
}

/// Remote images stay out: what a stranger's server would learn is not ours to send on.
fn quoted_html(quoted: &Quoted) -> String {
    let nothing = Display { inline: &|_| None, remote_images: RemoteImages::Blocked };
    let html = match &quoted.html {
        Some(html) => clean::clean(html, &nothing).html,
        None => escape(&lines::block(&quoted.text)),
    };
    format!(
        "<br><div>{}<br><blockquote type=\"cite\" style=\"margin:0 0 0 .8ex;border-left:1px solid #ccc;\
         padding-left:1ex\">{html}</blockquote></div>",
        escape(&lines::line(&quoted.attribution, 500))
    )
}
