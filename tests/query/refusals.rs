//! Queries that cannot be sent: what is wrong is said before a byte is.

use rayforce_ipc::codec::literal::{Call, List, Symbols, Table};
use rayforce_ipc::codec::{Encode, Function, Writer};
use rayforce_ipc::error::RequestError;
use rayforce_ipc::query::functions as f;
use rayforce_ipc::query::{
    OneColumn, call, col, column, each, exact, from, lit, named, set, sym, table, text,
};
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
        let keys = RequestError::Query("an upsert has no more key columns than columns");
        assert_eq!(refused(generation, &table("t").upsert(3, (1, 2))), keys);
        assert_eq!(refused(generation, &table("t").upsert(usize::MAX, (1, 2))), keys);
        let empty = RequestError::Query("rows need at least one column");
        assert_eq!(refused(generation, &table("t").insert(&columns[..0])), empty);
        assert_eq!(refused(generation, &table("t").insert(each(&[1, 2]))), empty);
    }
}

/// Servers of wire 3 take them, and damage the table (2.0.0 and 2.4.0).
#[test]
fn columns_of_different_lengths_are_refused() {
    let lengths = RequestError::Query("the columns must be of one length");
    let dynamic: &dyn Encode = &[1i64, 2, 3];
    for generation in BOTH {
        let uneven: [&dyn Encode; 5] = [
            &table("t").insert((&[4i64, 5, 6][..], &[1.0][..])),
            &table("t").insert(([4, 5], dynamic, ["a"])),
            &table("t").insert(named(["a", "b"], (Symbols(&["a"]), [1.0, 2.0]))),
            &table("t").upsert(1, (column([1i64, 2].into_iter()), [1.0])),
            &table("t").insert(([0.0; 0], [1])),
        ];
        for insert in uneven {
            assert_eq!(refused(generation, insert), lengths);
        }
        assert!(Writer::measure(generation, &table("t").insert((dynamic, [1, 2]))).is_ok());
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
    let argument: [&dyn Encode; 1] = [&1i64];
    let one = call("neg", &argument[..]);
    let many: Vec<&dyn Encode> = (0..2000).map(|_| &one as &dyn Encode).collect();
    for generation in BOTH {
        let flat: [&dyn Encode; 4] = [
            &List(&many),
            &Call("do", &many),
            &call("f", (exact(List(&many)),)),
            &table("t").insert(&many[..]),
        ];
        for value in flat {
            assert!(Writer::measure(generation, value).is_ok());
        }
    }
}

type Grow = dyn Fn(&'static dyn Encode) -> &'static dyn Encode;

/// A value inside of others of the same kind.
fn grown(depth: usize, grow: impl Fn(&'static dyn Encode) -> &'static dyn Encode) -> &'static dyn Encode {
    (0..depth).fold(&1i64, |inner, _| grow(inner))
}

fn kept<T: Encode + 'static>(value: T) -> &'static dyn Encode {
    Box::leak(Box::new(value))
}

#[test]
fn whatever_is_nested_is_counted() {
    // A select is a list with a dict with a list.
    let select = |inner| kept(from(inner).filter(lit(1).eq(1)));
    let exactly = |inner| kept(call("neg", (exact(inner),)));
    let list = |inner| kept(List(Vec::leak(vec![inner])));
    let set_up = |inner| kept(Call("neg", Vec::leak(vec![inner])));
    let named = |inner| {
        let column: &'static dyn OneColumn = Box::leak(Box::new(lit(inner).named("x")));
        kept(table("t").select(&*Vec::leak(vec![column])))
    };
    for generation in BOTH {
        let ways: [(&Grow, usize); 5] =
            [(&select, 160), (&exactly, 480), (&list, 480), (&set_up, 480), (&named, 160)];
        for (way, possible) in ways {
            assert!(Writer::measure(generation, grown(possible, way)).is_ok());
            for depth in [510, 3000] {
                assert_eq!(refused(generation, grown(depth, way)), RequestError::TooDeep { limit: 500 });
            }
        }
        assert_eq!(refused(generation, grown(180, select)), RequestError::TooDeep { limit: 500 });
    }
}
