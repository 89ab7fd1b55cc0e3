//! What the real Python clients send for their query objects, beside what this crate sends for the same query.

use std::collections::BTreeSet;

use rayforce_ipc::codec::literal::{Symbols, Table};
use rayforce_ipc::codec::{Encode, Writer};
use rayforce_ipc::query::{All, col, from, functions, lit, named, set, table, text};
use rayforce_ipc::wire::{Date, Dialect, Time, Timestamp};
use serde_json::Value as Json;

use crate::support::hex::unhex;

/// The request of each label of the captures: what a user of this crate writes for the query of the Python client.
fn requests(visit: &mut dyn FnMut(&str, &dyn Encode)) {
    let rows: [&dyn Encode; 2] = [&Symbols(&["a", "b"]), &[1.5, 2.5]];
    let rows = Table::new(&["sym", "px"], &rows);
    let others: [&dyn Encode; 2] = [&Symbols(&["a", "c"]), &[10i64, 20]];
    let others = Table::new(&["sym", "qty"], &others);
    let timed: [&dyn Encode; 3] = [&Symbols(&["a", "b"]), &[100i64, 200], &[1.5, 2.5]];
    let (timed, bids) =
        (Table::new(&["sym", "time", "px"], &timed), Table::new(&["sym", "time", "bid"], &timed));
    let trades = || table("trades");

    visit("string", &text("(+ 1 2)"));
    visit("string empty", &text(""));
    visit("string unicode", &text("(count \"héllo ☃\")"));
    visit("String object", &text("(+ 4 5)"));
    visit("List of Operation + ints", &(lit(1) + 2));
    visit("Expression ADD", &(lit(1) + 2));
    visit("Expression nested columns", &((col("a") + 1) * col("b")));
    visit("Expression with str operand", &col("sym").eq("AAPL"));
    let (date, time) = (Date(8780), Time(45_296_000));
    let values = (1.5, true, date, time, Timestamp(758_629_800_000_000_000));
    visit("Expression float/bool/date operands", &functions::list(values));
    visit("Expression None operand", &functions::list(((), 1)));

    visit("select all (by name)", &trades().select(All));
    visit("select columns", &trades().select(("sym", "px")));
    visit("select renamed", &trades().select((col("px").named("p"), col("sym").named("s"))));
    visit("select computed", &trades().select(("sym", (col("px") * col("qty")).named("v"))));
    visit("select where gt", &trades().filter(col("px").gt(1.5)));
    visit("select where two", &trades().select("sym").filter(col("px").gt(1.5)).filter(col("qty").le(20)));
    let or = col("qty").lt(5) | col("qty").eq(7);
    visit("select where and/or", &trades().select("sym").filter(col("px").gt(1) & or));
    visit("select where str eq", &trades().filter(col("sym").eq("a")));
    visit("select where isin ints", &trades().filter(col("qty").isin([10, 20])));
    visit("select where isin strs", &trades().filter(col("sym").isin(["a", "b"])));
    visit("select where not", &trades().filter(col("px").gt(1).is(false)));
    visit("select where is_ True", &trades().filter(col("px").gt(1).is(true)));
    visit("select where is_ False", &trades().filter(col("px").gt(1).is(false)));
    visit("select agg sum", &trades().select(col("qty").sum().named("total")));
    let price = || col("px");
    let aggregates = (
        col("qty").count().named("n"),
        price().avg().named("a"),
        price().min().named("lo"),
        price().max().named("hi"),
        price().first().named("f"),
        price().last().named("l"),
        price().median().named("m"),
    );
    visit("select aggs", &trades().select(aggregates));
    let total = || trades().select(col("qty").sum().named("total"));
    visit("select by", &total().by("sym"));
    visit("select by two", &total().by(("sym", "px")));
    visit("select by computed", &total().by(price().xbar(1).named("bucket")));
    visit("select where by", &total().filter(price().gt(0)).by("sym"));
    visit("select filtered sum", &trades().select(col("qty").filter(price().gt(1)).sum().named("x")));
    visit("select order_by", &trades().select(All).order_by("px"));
    visit("select order_by desc", &trades().select(All).order_by_desc("px"));
    visit("select distinct", &trades().distinct(col("sym").named("s")));
    visit("select from literal table", &from(rows).select("sym"));
    visit("select temporal literal", &trades().filter(col("d").eq(date)));

    visit("update const", &trades().update(set("px", 9.5)));
    visit("update int", &trades().update(set("qty", 7)));
    visit("update str", &trades().update(set("sym", "zz")));
    visit("update expr", &trades().update(set("px", col("px") * 2)));
    visit("update column", &trades().update(set("px", col("qty"))));
    visit("update where", &trades().update(set("px", col("px") + 1)).filter(col("sym").eq("a")));
    visit("update literal table", &from(rows).update(set("px", 1.0)));

    let (row, columns) = (("a", 1.5, 10), (["a", "b"], [1.5, 2.5], [10, 20]));
    let names = ["sym", "px", "qty"];
    visit("insert row positional", &trades().insert(row));
    visit("insert rows positional", &trades().insert(columns));
    visit("insert row kwargs", &trades().insert(named(names, row)));
    visit("insert rows kwargs", &trades().insert(named(names, columns)));
    visit("upsert row positional", &trades().upsert(1, row));
    visit("upsert rows positional", &trades().upsert(1, columns));
    visit("upsert row kwargs", &trades().upsert(1, named(names, row)));
    visit("upsert rows kwargs", &trades().upsert(2, named(names, columns)));

    visit("left join literal", &from(rows).left_join(from(others), "sym"));
    visit("inner join literal", &from(rows).inner_join(from(others), "sym"));
    visit("asof join literal", &from(timed).asof_join(from(bids), ["sym", "time"]));
    visit("left join by name", &trades().left_join(table("quotes"), "sym"));
    let (low, high) = (col("bid").min().named("lo"), col("bid").max().named("hi"));
    visit("window join", &from(timed).window_join(from(bids), ["sym", "time"], -10..=10, (low, high)));
    visit("window join1", &from(timed).window_join1(from(bids), ["sym", "time"], -10..=10, low));
    visit("ipcsave table", &from(rows).save("saved"));
    visit("ipcsave select", &trades().select("sym").filter(price().gt(1)).save("saved2"));

    visit("SQL select", &trades().select(("sym", "px")).filter(price().gt(1)).filter(col("qty").le(20)));
    visit("SQL aggregate", &total().by("sym"));
    visit("SQL star order", &trades().select(All).order_by("px"));
    visit("SQL in strings", &trades().filter(col("sym").isin(["a", "b"])));
    visit("SQL update", &trades().update(set("px", price() * 2)).filter(col("sym").eq("a")));
    visit("SQL insert", &trades().insert(named(names, (["a"], [1.5], [10]))));
    visit("SQL insert nocols", &trades().insert(row));
    visit("SQL upsert", &trades().upsert(1, named(names, (["a"], [1.5], [10]))));
}

/// The rows of the table of differences: the label and the generations in which the bytes differ.
fn documented() -> BTreeSet<(String, u64)> {
    let (_, section) = QUERIES.split_once("## Where the bytes differ").expect("the section");
    let rows = section.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| query"));
    let differences = rows.flat_map(|row| {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        assert!(!cells[3].is_empty(), "no reason: {row}");
        let label = cells[1].to_owned();
        cells[2].split(", ").map(move |wire| (label.clone(), wire.parse().unwrap())).collect::<Vec<_>>()
    });
    differences.collect()
}

const OLD_CLIENT: &str = "every query object of the client 0.1.5";

#[test]
fn requests_are_those_of_the_python_clients_but_for_the_documented_ones() {
    let lines: Vec<Json> = EXCHANGES.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut compared = 0;
    let mut differences = BTreeSet::new();
    requests(&mut |label, request| {
        for line in lines.iter().filter(|line| line["label"] == label) {
            let dialect = match line["server"].as_str().unwrap() {
                "0.1.5" => Dialect::V1a,
                "1.0.0" => Dialect::V1b,
                _ => Dialect::V3,
            };
            let theirs = unhex(line["request"].as_str().unwrap());
            let mut buffer = [0; 4096];
            let ours =
                Writer::encode_for(dialect, request, &mut buffer).unwrap_or_else(|e| panic!("{label}: {e}"));
            compared += 1;
            if *ours != theirs[16..] {
                let label = if line["client"] == "rayforce-py 0.1.5" { OLD_CLIENT } else { label };
                differences.insert((label.to_owned(), line["wire"].as_u64().unwrap()));
            }
        }
    });
    assert_eq!(compared, lines.len(), "each exchange has its request here");
    let documented = documented();
    let missing: Vec<_> = differences.difference(&documented).collect();
    let stale: Vec<_> = documented.difference(&differences).collect();
    assert!(missing.is_empty() && stale.is_empty(), "not documented: {missing:?}; not so: {stale:?}");
}

#[test]
fn every_operation_of_python_is_documented() {
    let (_, section) = QUERIES.split_once("## Operations").expect("the section");
    let (section, _) = section.split_once("## One query").expect("the next section");
    let first_cells =
        section.lines().filter(|line| line.starts_with("| `")).map(|line| line.split(" | ").next().unwrap());
    let documented: BTreeSet<_> = first_cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let missing: Vec<_> = OPERATIONS.lines().filter(|name| !documented.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

const EXCHANGES: &str = include_str!("../vectors/client_exchanges.jsonl");
/// The names of the operations of Rayforce-Py 2.4.0.
const OPERATIONS: &str = include_str!("operations.txt");
const QUERIES: &str = include_str!("../../docs/queries.md");
