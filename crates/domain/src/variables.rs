//! Text with variables such as `{{contact.first_name|there}}`: flat names from a fixed list, each
//! with an optional fallback. There are no expressions, and nothing in a value is read again.

use std::collections::BTreeMap;

use crate::text;

crate::words!(
    /// What a text may refer to.
    Variable, "variable", {
        ContactName => "contact.name",
        ContactFirstName => "contact.first_name",
        ContactEmail => "contact.email",
        ContactPhone => "contact.phone",
        AgentName => "agent.name",
        AgentFirstName => "agent.first_name",
        ConversationNumber => "conversation.number",
        ConversationSubject => "conversation.subject",
        ChannelName => "channel.name",
        WorkspaceName => "workspace.name",
    }
);

/// Values come from customers too: none is longer than this.
const LONGEST_VALUE: usize = 300;
const LONGEST_FALLBACK: usize = 100;

/// What the variables stand for at one moment; an absent one has its fallback, or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<Variable, String>);

impl Values {
    /// A value without a word is an absent one.
    pub fn set(&mut self, variable: Variable, value: Option<&str>) {
        let value = value.map(|it| text::line_lossy(it, LONGEST_VALUE)).unwrap_or_default();
        if value.is_empty() {
            self.0.remove(&variable);
        } else {
            self.0.insert(variable, value);
        }
    }

    /// A full name, and the first word of it.
    pub fn set_name(&mut self, full: Variable, first: Variable, name: Option<&str>) {
        self.set(full, name);
        self.set(first, name.and_then(|it| it.split_whitespace().next()));
    }

    pub fn get(&self, variable: Variable) -> Option<&str> {
        self.0.get(&variable).map(String::as_str)
    }
}

/// Why a text with variables was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error(
        "there is no variable {}; there are {}",
        names(unknown.iter().map(String::as_str)),
        names(Variable::ALL.iter().map(|it| it.as_str()))
    )]
    Unknown { unknown: Vec<String> },
    #[error("a {{{{ is not followed by its }}}}")]
    Unclosed,
    #[error("a fallback has at most {LONGEST_FALLBACK} characters, and none of {{ }} < >")]
    Fallback,
    #[error("a variable stands in the text, not inside an HTML tag")]
    InTag,
}

fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    all.map(|it| format!("{{{{{it}}}}}")).collect::<Vec<_>>().join(", ")
}

/// A text whose variables are all known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable { variable: Variable, fallback: String },
}

impl Template {
    pub fn parse(source: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut unknown = Vec::new();
        let mut rest = source;
        while let Some((before, after)) = rest.split_once("{{") {
            let (inside, after) = after.split_once("}}").ok_or(TemplateError::Unclosed)?;
            let (name, fallback) = inside.split_once('|').unwrap_or((inside, ""));
            let (name, fallback) = (name.trim(), fallback.trim());
            if !is_fallback(fallback) {
                return Err(TemplateError::Fallback);
            }
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            match name.parse() {
                Ok(variable) => {
                    parts.push(Part::Variable { variable, fallback: fallback.to_owned() });
                }
                Err(_) => unknown.push(text::line_lossy(name, 60)),
            }
            rest = after;
        }
        if !unknown.is_empty() {
            return Err(TemplateError::Unknown { unknown });
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// As [`Self::parse`], for HTML: a variable inside a tag could end an attribute.
    pub fn parse_html(source: &str) -> Result<Self, TemplateError> {
        let template = Self::parse(source)?;
        let mut in_tag = false;
        for part in &template.0 {
            match part {
                Part::Text(it) => {
                    if let Some(at) = it.rfind(['<', '>']) {
                        in_tag = it[at..].starts_with('<');
                    }
                }
                Part::Variable { .. } if in_tag => return Err(TemplateError::InTag),
                Part::Variable { .. } => {}
            }
        }
        Ok(template)
    }

    pub fn render(&self, values: &Values) -> String {
        self.fill(values, str::to_owned)
    }

    /// With every value passed through `escape`, for HTML.
    pub fn render_escaped(&self, values: &Values, escape: impl Fn(&str) -> String) -> String {
        self.fill(values, escape)
    }

    /// Which variables have neither a value nor a fallback, each once.
    pub fn missing(&self, values: &Values) -> Vec<Variable> {
        let mut missing = Vec::new();
        for part in &self.0 {
            if let Part::Variable { variable, fallback } = part
                && fallback.is_empty()
                && values.get(*variable).is_none()
                && !missing.contains(variable)
            {
                missing.push(*variable);
            }
        }
        missing
    }

    fn fill(&self, values: &Values, escape: impl Fn(&str) -> String) -> String {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(it) => out.push_str(it),
                Part::Variable { variable, fallback } => {
                    out.push_str(&escape(values.get(*variable).unwrap_or(fallback)));
                }
            }
        }
        out
    }
}

fn is_fallback(text: &str) -> bool {
    text.chars().count() <= LONGEST_FALLBACK
        && !text.chars().any(|it| it.is_control() || matches!(it, '{' | '}' | '<' | '>'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> Values {
        let mut values = Values::default();
        let (full, first) = (Variable::ContactName, Variable::ContactFirstName);
        values.set_name(full, first, Some(" Lee\n{{agent.name}} <b>"));
        values.set(Variable::ConversationNumber, Some("1042"));
        values.set(Variable::ContactPhone, Some("  "));
        values
    }

    #[test]
    fn variables_are_replaced_once_and_absent_ones_fall_back() {
        let cases = [
            ("Hi", "Hi"),
            ("Hi {{contact.first_name}},", "Hi Lee,"),
            ("{{ contact.first_name | there }}!", "Lee!"),
            ("{{contact.name}}", "Lee {{agent.name}} <b>"),
            ("#{{conversation.number}}{{contact.email}}.", "#1042."),
            ("{{contact.phone|no number}} {{contact.email|}}", "no number "),
            ("a } b }} { c", "a } b }} { c"),
        ];
        for (source, want) in cases {
            assert_eq!(Template::parse(source).unwrap().render(&values()), want, "{source}");
        }
        let html = Template::parse_html("<b>{{contact.name}}</b>").unwrap();
        let escaped = html.render_escaped(&values(), |it| it.replace('<', "&lt;"));
        assert_eq!(escaped, "<b>Lee {{agent.name}} &lt;b></b>");
        let some = Template::parse("{{contact.email}}{{contact.email}}{{agent.name|me}}").unwrap();
        assert_eq!(some.missing(&values()), [Variable::ContactEmail]);
    }

    #[test]
    fn what_cannot_be_filled_in_is_refused() {
        let unknown = |it: &[&str]| TemplateError::Unknown {
            unknown: it.iter().map(|it| (*it).to_owned()).collect(),
        };
        let cases = [
            ("{{contact.nme}} {{x|y}}", unknown(&["contact.nme", "x"])),
            ("{{}}", unknown(&[""])),
            ("{{{{contact.name}}}}", unknown(&["{{contact.name"])),
            ("{{contact.name", TemplateError::Unclosed),
            ("{{contact.name|<b>}}", TemplateError::Fallback),
            ("{{contact.name|{{agent.name}}}}", TemplateError::Fallback),
        ];
        for (source, want) in cases {
            assert_eq!(Template::parse(source), Err(want), "{source}");
        }
        let in_tag = Template::parse_html("<a href=\"x{{contact.name}}\">y</a>");
        assert_eq!(in_tag, Err(TemplateError::InTag));
        let told = unknown(&["contact.nme"]).to_string();
        assert!(
            told.starts_with("there is no variable {{contact.nme}}; there are {{contact.name}},")
        );
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(source in ".{0,200}") {
            if let Ok(template) = Template::parse(&source) {
                let rendered = template.render(&values());
                if !source.contains("{{") {
                    prop_assert_eq!(rendered, source);
                }
            }
        }
    }
}
