//! Queries that cannot be sent: what is wrong is said before a byte is.

use rayforce_ipc::codec::literal::{Symbols, Table};
use rayforce_ipc::codec::{Encode, Function, Writer};
use rayforce_ipc::error::RequestError;
use rayforce_ipc::query::functions as f;
use rayforce_ipc::query::{call, col, from, lit, named, set, sym, table, text};
use rayforce_ipc::wire::{Dialect, Generation};

use crate::support::codec::{BOTH, refused};

fn lacks(what: &'static str) -> RequestError {
    RequestError::Lacks { what, generation: Generation::V1, dialect: None }
}

#[test]
fn what_wire_1_does_not_have_is_named() {
    let x = || col("x");
    let queries: [(&dyn Encode, &str); 12] = [
        (&x().std(), "stddev"),
        (&x().pearson_corr(col("y")), "pearson_corr"),
        (&x().top(2), "top"),
        (&x().bot(2), "bot"),
        (&f::ungroup(table("t")), "ungroup"),
        (&table("t").ungroup(), "ungroup"),
        (&f::fold_left((Function::new("+"), 0, [1, 2])), "fold-left"),
        (&f::choose(x().gt(1), 1, 0), "choice row by row"),
        (&table("t").asof_join(table("u"), "time"), "asof-join by the time alone"),
        (&table("t").select(x().std().named("s")), "stddev"),
        (&table("t").update(set("sym", col("x") + 1)), "update of a column of that name"),
        (&from(table("t")).update(set("do", 1)), "update of a column of that name"),
    ];
    for (query, what) in queries {
        assert_eq!(refused(Generation::V1, query), lacks(what));
        assert!(Writer::measure(Generation::V3, query).is_ok(), "{what}");
    }
    assert_eq!(lacks("stddev").to_string(), "wire 1 has no stddev");
}

#[test]
fn builtins_that_came_with_0_6_are_asked_of_no_older_server() {
    for name in ["del", "pivot"] {
        let query = call(name, (col("x"),));
        assert_eq!(refused(Generation::V1, &query), RequestError::DialectUnknown);
        let old = Writer::encode_for(Dialect::V1a, &query, &mut [0; 64]).unwrap_err();
        let dialect = Some(Dialect::V1a);
        assert_eq!(old, RequestError::Lacks { what: "del or pivot", generation: Generation::V1, dialect });
        assert!(Writer::encode_for(Dialect::V1b, &query, &mut [0; 64]).is_ok());
    }
}

#[test]
fn clauses_are_no_columns_to_update() {
    for name in ["from", "where", "by", "take", "asc", "desc", "nearest"] {
        let what = "update of a column of that name";
        let expected = RequestError::Lacks { what, generation: Generation::V3, dialect: None };
        assert_eq!(refused(Generation::V3, &table("t").update(set(name, 1))), expected);
    }
}

#[test]
fn what_means_nothing_is_refused() {
    for generation in BOTH {
        let none = RequestError::Query("an upsert needs at least one key column");
        assert_eq!(refused(generation, &table("t").upsert(0, (1, 2))), none);
        let columns: [&dyn Encode; 2] = [&[1i64], &[2i64]];
        let names = RequestError::Query("there must be as many names as columns");
        assert_eq!(refused(generation, &table("t").insert(named(["a"], &columns[..]))), names);
    }
}

#[test]
fn names_with_a_nul_are_refused_wherever_they_stand() {
    for generation in BOTH {
        let queries: [&dyn Encode; 12] = [
            &col("a\0"),
            &table("a\0").count(),
            &table("t").select("a\0"),
            &table("t").select(col("x").named("a\0")),
            &table("t").select("x").by("a\0"),
            &table("t").order_by("a\0"),
            &table("t").left_join(table("u"), ["k", "a\0"]),
            &table("t").insert(("a\0", 1)),
            &table("t").insert((["b", "a\0"],)),
            &table("t").upsert(1, named(["k", "a\0"], (1, 2))),
            &table("t").update(set("x", "a\0")),
            &call("a\0", (1,)),
        ];
        for query in queries {
            assert_eq!(refused(generation, query), RequestError::NulInName(1), "{generation:?}");
        }
        assert_eq!(refused(generation, &f::list((sym("\0"),))), RequestError::NulInName(0));
    }
    // What is compared is a string on wire 3, and a symbol on wire 1.
    let compared = table("t").filter(col("s").eq("a\0"));
    assert!(Writer::measure(Generation::V3, &compared).is_ok());
    assert_eq!(refused(Generation::V1, &compared), RequestError::NulInName(1));
    for generation in BOTH {
        assert!(Writer::measure(generation, &table("t").filter(col("s").eq(text("a\0")))).is_ok());
    }
}

#[test]
fn a_table_with_too_few_names_is_malformed_in_a_query_too() {
    let columns: [&dyn Encode; 2] = [&Symbols(&["a"]), &[1.5]];
    for generation in BOTH {
        let query = from(Table::new(&["s"], &columns)).filter(lit(true));
        assert_eq!(refused(generation, &query), RequestError::Malformed);
    }
}

/// `(neg (neg (… 1)))`, known at run time only.
fn nested(depth: usize, then: &mut dyn FnMut(&dyn Encode)) {
    fn go(depth: usize, inner: &dyn Encode, then: &mut dyn FnMut(&dyn Encode)) {
        match depth {
            0 => then(inner),
            _ => go(depth - 1, &call("neg", &[inner][..]), then),
        }
    }
    go(depth, &1i64, then);
}

#[test]
fn calls_nested_deeper_than_servers_read_are_refused() {
    for generation in BOTH {
        nested(490, &mut |query| assert!(Writer::measure(generation, query).is_ok()));
        for depth in [510, 600, 1500] {
            nested(depth, &mut |query| {
                assert_eq!(refused(generation, query), RequestError::TooDeep { limit: 500 }, "{depth}");
            });
        }
    }
    // Many beside each other are not deep.
    let one = lit(1) + 2;
    let many: Vec<&dyn Encode> = (0..2000).map(|_| &one as &dyn Encode).collect();
    for generation in BOTH {
        assert!(Writer::measure(generation, &call("list", &many[..])).is_ok());
    }
}
