//! Text that looks like code is data: it arrives as it is, or is refused.

use rayforce_ipc::codec::{Encode, Value, Writer};
use rayforce_ipc::error::RequestError;
use rayforce_ipc::query::{col, named, set, sym, table, text};
use rayforce_ipc::wire::Generation;

use crate::support::codec::{BOTH, decoded, sent};
use crate::support::hostile::hostile;

/// All texts in a value, wherever they stand.
fn texts_in(value: &Value<'_>, found: &mut Vec<Vec<u8>>) {
    match value {
        Value::String(text) => found.push(text.as_bytes().to_vec()),
        Value::Symbol(symbol) => found.push(symbol.as_bytes().to_vec()),
        Value::List(list) => list.iter().for_each(|value| texts_in(&value, found)),
        Value::Dict(dict) => {
            texts_in(&dict.keys(), found);
            texts_in(&dict.values(), found);
        }
        Value::Vector(vector) => {
            if let Ok(names) = vector.symbols() {
                found.extend(names.map(|name| name.as_bytes().to_vec()));
            }
            if let Ok(texts) = vector.strings() {
                found.extend(texts.map(|text| text.as_bytes().to_vec()));
            }
        }
        _ => {}
    }
}

#[test]
fn text_travels_as_a_value_of_its_own() {
    for generation in BOTH {
        for hostile in hostile() {
            let hostile = hostile.as_str();
            // With the places where it may stand, and whether it is a name there.
            let queries: [(&dyn Encode, bool); 9] = [
                (&table("t").filter(col("s").eq(text(hostile))), false),
                (&table("t").filter(col("s").eq(hostile)), generation == Generation::V1),
                (&table("t").filter(col("s").eq(sym(hostile))), true),
                (&table("t").filter(col(hostile).eq(1)), true),
                (&table("t").select(col("s").named(hostile)), true),
                (&table("t").update(set("s", hostile)), true),
                (&table("t").insert((hostile, 1)), true),
                (&table("t").insert((text(hostile), 1)), false),
                (&table(hostile).upsert(1, named([hostile, "b"], ([hostile], [1]))), true),
            ];
            for (query, is_name) in queries {
                if let (true, Some(at)) = (is_name, hostile.find('\0')) {
                    assert_eq!(Writer::measure(generation, query), Err(RequestError::NulInName(at)));
                    continue;
                }
                let payload = sent(generation, query);
                let mut found = Vec::new();
                texts_in(&decoded(generation, &payload), &mut found);
                // Under another name where a select of wire 1 or 3 would take it for a clause.
                let aliased = format!("~{hostile}");
                assert!(
                    found.iter().any(|text| text == hostile.as_bytes() || text == aliased.as_bytes()),
                    "{hostile:.40?} in {found:.40?}"
                );
            }
        }
    }
}
