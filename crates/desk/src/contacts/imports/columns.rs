//! What the columns of a file hold: what their names say, unless somebody says otherwise.

use std::collections::BTreeMap;

use domain::imports::{Column, Field, detect};

use crate::{DeskError, Problems, Result};

/// Names of columns and what they hold; `None` passes a column over.
pub type Overrides = BTreeMap<String, Option<String>>;

pub(super) fn detected(names: Vec<String>) -> Vec<Column> {
    names.into_iter().map(|name| Column { field: detect(&name), name }).collect()
}

/// # Errors
/// `Invalid` when a column is not there, a field is unknown, or nobody would be known again.
pub(super) fn choose(mut columns: Vec<Column>, overrides: &Overrides) -> Result<Vec<Column>> {
    let mut problems = Problems::default();
    for (name, field) in overrides {
        let at = format!("columns.{name}");
        let field = match field.as_deref().map(str::parse::<Field>).transpose() {
            Ok(field) => field,
            Err(error) => {
                problems.add(&at, error);
                continue;
            }
        };
        let wanted = name.trim().to_lowercase();
        let mut found = false;
        for it in columns.iter_mut().filter(|it| it.name.to_lowercase() == wanted) {
            it.field.clone_from(&field);
            found = true;
        }
        if !found {
            let names: Vec<_> = columns.iter().map(|it| it.name.as_str()).collect();
            problems.add(&at, format!("is no column of the file, which has {}", names.join(", ")));
        }
    }
    problems.finish()?;
    if columns.iter().filter_map(|it| it.field.as_ref()).any(Field::identifies) {
        return Ok(columns);
    }
    let names: Vec<_> = columns.iter().map(|it| it.name.as_str()).collect();
    let message = format!(
        "no column is known to hold e-mail addresses, phones or external ids, by which people are \
         known again; say which of these does: {}",
        names.join(", ")
    );
    Err(DeskError::invalid("columns", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_says_wins_over_the_names() {
        let columns = || detected(["Mail", "Nr", "Ort"].map(str::to_owned).to_vec());
        let said = |name: &str, field: Option<&str>| {
            Overrides::from([(name.to_owned(), field.map(str::to_owned))])
        };
        let chosen = choose(columns(), &said(" nr ", Some("external_ids.shop"))).unwrap();
        let fields: Vec<_> = chosen.into_iter().map(|it| it.field).collect();
        let shop = Field::ExternalId("shop".to_owned());
        assert_eq!(fields, [Some(Field::Emails), Some(shop), None]);
        let cases = [
            ("Size", Some("tags"), "columns.Size"),
            ("Ort", Some("city"), "columns.Ort"),
            ("Mail", None, "columns"),
        ];
        for (name, field, at) in cases {
            let refused = choose(columns(), &said(name, field));
            let Err(DeskError::Invalid(fields)) = refused else { panic!("{name} is refused") };
            assert_eq!(fields[0].field, at);
        }
    }
}
