//! Conditions and actions as clients see them. They are read by `domain::automations`, which names
//! every problem by its path; here stands only what they look like.

use std::borrow::Cow;

use domain::{
    automations::{Effect, Field, Hindrance, Operator, Quantifier, Trigger},
    conversations::{Priority, Status},
};
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        AllOfBuilder, Array, ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Ref, RefOr,
        Schema, SchemaFormat,
        schema::{AdditionalProperties, SchemaType, Type},
    },
};

use crate::openapi::{optional_word, word};

const ABOUT: &str = "For telling it in other words: the tag, status, priority, agent, minutes, host or \
    text it is about, of an assignment null for nobody; of what is skipped, what hinders it. Left \
    out in runs of before.";

/// A named part of the description, built by hand.
macro_rules! documents {
    ($($(#[$doc:meta])* $name:ident: $schema:ident, with $($part:ident),*;)+) => {$(
        $(#[$doc])*
        pub(super) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema().into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }

            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                let _ = &schemas;
                $(
                    $part::schemas(schemas);
                    schemas.push(($part::name().into_owned(), $part::schema()));
                )*
            }
        }
    )+};
}

documents! {
    AutomationCondition: condition, with;
    /// Contains itself, so it does not list itself among its parts.
    AutomationConditions: group, with AutomationCondition;
    AutomationAction: action, with;
    ExplainedCondition: explained_condition, with;
    ExplainedConditions: explained_group, with ExplainedCondition;
    AutomationStep: step, with;
    AutomationMiss: miss, with ExplainedConditions;
}

fn group() -> Schema {
    let rules = OneOfBuilder::new()
        .item(Ref::from_schema_name("AutomationCondition"))
        .item(Ref::from_schema_name("AutomationConditions"));
    ObjectBuilder::new()
        .description(Some(
            "Conditions, and groups of them, at most five deep and 50 in all. Without any the \
             automation always acts.",
        ))
        .property(
            "match",
            described("How they go together; `all` when left out.", word::<Quantifier>()),
        )
        .property("rules", ArrayBuilder::new().items(RefOr::T(rules.into())).max_items(Some(50)))
        .required("rules")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .into()
}

/// By what an operator compares with: a value, one of several, or nothing at all.
fn condition() -> Schema {
    let of = |operators: &[Operator]| {
        let words = operators.iter().map(|it| it.as_str().into()).collect::<Vec<Value>>();
        ObjectBuilder::new()
            .property("field", word::<Field>())
            .required("field")
            .property("operator", text().enum_values(Some(words)))
            .required("operator")
            .additional_properties(Some(AdditionalProperties::FreeForm(false)))
    };
    let (lists, empty) =
        ([Operator::In, Operator::NotIn], [Operator::IsEmpty, Operator::IsNotEmpty]);
    let others: Vec<_> = Operator::ALL
        .iter()
        .copied()
        .filter(|it| !lists.contains(it) && !empty.contains(it))
        .collect();
    let values = Array::new(RefOr::T(value()));
    OneOfBuilder::new()
        .description(Some(
            "What is looked at and compared. Fields with a few words (`status`, `priority`, \
             `channel_type`, `hours`, …) are compared with one of them.",
        ))
        .item(of(&others).title(Some("With a value")).property("value", value()).required("value"))
        .item(of(&lists).title(Some("With several")).property("value", values).required("value"))
        .item(of(&empty).title(Some("With nothing")))
        .into()
}

fn value() -> Schema {
    let kinds = SchemaType::from_iter([Type::String, Type::Number, Type::Boolean]);
    ObjectBuilder::new().schema_type(kinds).into()
}

/// What an action takes beside its type: a name and what stands there.
type Parameter = Option<(&'static str, Schema)>;

fn action() -> Schema {
    let uuid = || text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
    let agent = uuid().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
    let minutes = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(domain::automations::Rule::MOST_MINUTES));
    let url = text().format(Some(SchemaFormat::Custom("uri".to_owned())));
    let statuses: Vec<Value> = Status::ALL
        .iter()
        .filter(|it| **it != Status::Snoozed)
        .map(|it| it.as_str().into())
        .collect();
    let kinds: [(&str, &str, Parameter); 12] = [
        ("add_tag", "Adds a tag.", Some(("tag", text().into()))),
        ("remove_tag", "Takes a tag away.", Some(("tag", text().into()))),
        ("add_contact_tag", "Adds a tag to the contact.", Some(("tag", text().into()))),
        (
            "set_status",
            "Sets the status; `snooze` says for how long.",
            Some(("status", text().enum_values(Some(statuses)).into())),
        ),
        ("set_priority", "Sets the priority.", Some(("priority", word::<Priority>()))),
        ("snooze", "Snoozes for so many minutes.", Some(("minutes", minutes.into()))),
        ("assign_agent", "Gives it to an agent; null unassigns.", Some(("agent_id", agent.into()))),
        ("add_note", "Writes a private note; may hold variables.", Some(("text", text().into()))),
        (
            "send_message",
            "Writes to the customer; may hold variables.",
            Some(("text", text().into())),
        ),
        (
            "send_canned_reply",
            "Writes a canned reply to the customer.",
            Some(("canned_reply_id", uuid().into())),
        ),
        ("call_webhook", "Tells another program.", Some(("url", url.into()))),
        ("stop", "No later automation looks at what happened.", None),
    ];
    kinds
        .into_iter()
        .fold(OneOfBuilder::new(), |all, (kind, about, parameter)| {
            let mut one = ObjectBuilder::new()
                .title(Some(kind))
                .description(Some(about))
                .property("type", text().enum_values(Some([kind])))
                .required("type")
                .additional_properties(Some(AdditionalProperties::FreeForm(false)));
            if let Some((name, schema)) = parameter {
                one = one.property(name, schema).required(name);
            }
            all.item(one)
        })
        .into()
}

fn explained_group() -> Schema {
    let rules = OneOfBuilder::new()
        .item(Ref::from_schema_name("ExplainedCondition"))
        .item(Ref::from_schema_name("ExplainedConditions"));
    ObjectBuilder::new()
        .description(Some("A group of conditions with what each saw and whether it held."))
        .property("match", word::<Quantifier>())
        .required("match")
        .property("rules", Array::new(RefOr::T(rules.into())))
        .required("rules")
        .property("matched", yes_or_no())
        .required("matched")
        .into()
}

fn explained_condition() -> Schema {
    ObjectBuilder::new()
        .property("field", word::<Field>())
        .required("field")
        .property("operator", word::<Operator>())
        .required("operator")
        .property("value", described("As it was written; null where there is none.", anything()))
        .required("value")
        .property(
            "actual",
            described("What stood there, shortened.", Array::new(RefOr::T(text().into()))),
        )
        .required("actual")
        .property("matched", yes_or_no())
        .required("matched")
        .into()
}

fn step() -> Schema {
    ObjectBuilder::new()
        .description(Some("One action and what it came to."))
        .property("type", text())
        .required("type")
        .property("effect", word::<Effect>())
        .required("effect")
        .property("detail", described("In words, for people.", text()))
        .required("detail")
        .property("about", described(ABOUT, optional_text()))
        .property("reason", optional_word::<Hindrance>())
        .into()
}

/// An automation that looked and did not match.
fn miss() -> Schema {
    let rule = ObjectBuilder::new()
        .property("id", text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))))
        .required("id")
        .property("name", text())
        .required("name");
    ObjectBuilder::new()
        .property("rule", rule)
        .required("rule")
        .property("trigger", word::<Trigger>())
        .required("trigger")
        .property("conditions", Ref::from_schema_name("ExplainedConditions"))
        .required("conditions")
        .into()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn optional_text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}

fn yes_or_no() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean)
}

fn anything() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::AnyValue)
}

fn described(about: &str, schema: impl Into<Schema>) -> Schema {
    AllOfBuilder::new().description(Some(about)).item(RefOr::T(schema.into())).into()
}
