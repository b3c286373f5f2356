//! Text in the format `flowed` (RFC 3676): paragraphs broken for narrow screens.

/// Joins the lines of each paragraph. `delete_space` is the parameter `delsp`.
pub fn unfold(text: &str, delete_space: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let rest = line.trim_start_matches('>');
        let depth = line.len() - rest.len();
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        // A signature's separator ends in a space but flows into nothing.
        let signature = rest == "-- ";
        if open != Some(depth) || signature {
            if open.is_some() {
                out.push('\n');
            }
            out.push_str(&line[..depth]);
            if depth > 0 {
                out.push(' ');
            }
        }
        let flows = rest.ends_with(' ') && !signature;
        out.push_str(if flows && delete_space { &rest[..rest.len() - 1] } else { rest });
        open = flows.then_some(depth);
        if !flows {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_joined_within_their_quote() {
        let cases = [
            ("a \nb\nc\n", false, "a b\nc\n"),
            ("a \nb\n", true, "ab\n"),
            ("> q \n> r\nnew\n", false, "> q r\nnew\n"),
            (">> deep \n> less\n", false, ">> deep \n> less\n"),
            (" >not quoted\n From x\n", false, ">not quoted\nFrom x\n"),
            ("bye \n-- \nAnn\n", false, "bye \n-- \nAnn\n"),
        ];
        for (text, delete, want) in cases {
            assert_eq!(unfold(text, delete), want, "{text:?}");
        }
    }
}
