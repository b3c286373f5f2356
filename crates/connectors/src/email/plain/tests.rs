//! Tests of [`super`].

use std::time::{Duration, Instant};

use super::*;

#[test]
fn what_a_reader_sees_becomes_text() {
    let cases = [
        ("<p>Hello <b>Ann</b>,</p><p>thanks&nbsp;&amp; bye</p>", "Hello Ann,\n\nthanks\u{a0}& bye"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<style>p{}</style><script>x<y</script>hi<!-- no --> there", "hi there"),
        ("<ul><li>one<li>two</ul>", "- one\n- two"),
        (
            "On Monday Ann wrote:<blockquote>old<br>older</blockquote>",
            "On Monday Ann wrote:\n> old\n> older",
        ),
        ("1 < 2 &lt;b&gt; &bogus; & x", "1 < 2 <b> &bogus; & x"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        (
            "<a title=\"1>2\" href='https://x.example/?a=1&amp;b'>here</a>!",
            "here <https://x.example/?a=1&b>!",
        ),
        ("<a href='https://x.example/'>x.example</a>", "x.example"),
        ("<a href='javascript:x'>here</a>", "here"),
        ("<pre>a  b\n  c</pre>", "a  b\n  c"),
        ("<p title=\"unclosed>text</p>more", "text\n\nmore"),
        ("cut <a href", "cut <a href"),
        ("<!-- unclosed <p>text", "text"),
        ("<head><title>no</title></head><body>yes", "yes"),
    ];
    for (html, want) in cases {
        assert_eq!(from_html(html, Links::Show), want, "{html}");
    }
}

#[test]
fn a_megabyte_of_anything_is_read_in_one_pass() {
    let shapes = [
        "<",
        "<a",
        "<!--",
        "<a href=\"",
        "&",
        "&amp",
        "<p>",
        "</p>",
        "> ",
        "<blockquote>",
        "<script>",
        "<style></styl",
        "<td>",
        "a=\"",
        "<a href=x>",
        "é<",
        "<pre>",
        "<![if ",
        "\n",
    ];
    for shape in shapes {
        let html = shape.repeat(1_000_000 / shape.len());
        let start = Instant::now();
        let text = from_html(&html, Links::Show);
        // Tests run unoptimised, beside other work: only quadratic work takes longer.
        assert!(start.elapsed() < Duration::from_secs(60), "{shape} {:?}", start.elapsed());
        assert!(text.len() <= html.len() * 4, "{shape}");
    }
}

proptest::proptest! {
    #[test]
    fn never_panics(html in "[<>/!a-c&;#x=\"'é \\n-]{0,200}|\\PC{0,100}") {
        from_html(&html, Links::Show);
    }
}
