//! Queries that change what is stored. What is compared is the table afterwards.

use rayforce_ipc::codec::Encode;
use rayforce_ipc::codec::literal::{Symbols, Table};
use rayforce_ipc::query::{col, column, each, exact, from, named, set, table};
use rayforce_ipc::wire::{Date, Timestamp};

use super::{Case, Outcome, Visit};

pub fn visit(visit: &mut Visit<'_>) {
    updates(visit);
    inserts(visit);
    upserts(visit);
    saves(visit);
}

fn updates(visit: &mut Visit<'_>) {
    let trades = || table("trades");
    let mut update = |name: &str, columns: &str, condition: &str, python: &str, change: &dyn Encode| {
        let case = Case {
            name,
            text: [
                &format!("(set trades (update {{{columns} from: trades {condition}}}))"),
                &format!("(update {{{columns} from: 'trades {condition}}})"),
            ],
            python,
            then: "trades",
            ..Case::default()
        };
        visit(case, change);
    };
    update("a constant", "px: 9.5", "", "Table('trades').update(px=9.5)", &trades().update(set("px", 9.5)));
    let python = "Table('trades').update(px=Column('px') * 2.0)";
    update("an expression", "px: (* px 2.0)", "", python, &trades().update(set("px", col("px") * 2.0)));
    let python = "Table('trades').update(px=Column('px') + 1.0).where(Column('ticker') == 'a')";
    let some = trades().update(set("px", col("px") + 1.0)).filter(col("ticker").eq("a"));
    update("on a condition", "px: (+ px 1.0)", "where: (== ticker 'a)", python, &some);
    let python = "Table('trades').update(px=0.5, qty=Column('qty') + 1)";
    let two = trades().update((set("px", 0.5), set("qty", col("qty") + 1)));
    update("two columns", "px: 0.5 qty: (+ qty 1)", "", python, &two);
    let python = "Table('trades').update(px=0.5).where((Column('px') > 1) & (Column('qty') < 30))";
    let two = trades().update(set("px", 0.5)).filter(col("px").gt(1)).filter(col("qty").lt(30));
    update("two conditions", "px: 0.5", "where: (and (> px 1) (< qty 30))", python, &two);
    let total = trades().update((col("px") * col("qty")).named("total"));
    let python = "Table('trades').update(total=Column('px') * Column('qty'))";
    update("a new column", "total: (* px qty)", "", python, &total);
    // Text of the Python client comes as a string, which is no symbol to the servers.
    update(
        "a symbol",
        "ticker: 'zz",
        "",
        "\"(update {ticker: 'zz from: 'trades})\"",
        &trades().update(set("ticker", "zz")),
    );
    let none = trades().update(set("px", 0.5)).filter(col("px").gt(100.0));
    update("no rows", "px: 0.5", "where: (> px 100.0)", "", &none);

    let condition = |assignment: &str| format!("(update {{{assignment} from: 'trades where: (== qty 10)}})");
    let wire_1 =
        |assignment: &str| format!("(set trades (update {{{assignment} from: trades where: (== qty 10)}}))");
    let mut refused = |name: &str, assignment: &str, change: &dyn Encode| {
        let case = Case {
            name,
            text: [&wire_1(assignment), &condition(assignment)],
            then: "trades",
            // 0.1.5 leaves symbols and timestamps as they were, and puts an error in place of dates.
            except: &[("0.1.5", Outcome::Refused)],
            ..Case::default()
        };
        visit(case, change);
    };
    let ten = || col("qty").eq(10);
    refused("a symbol on a condition", "ticker: 'zz", &trades().update(set("ticker", "zz")).filter(ten()));
    refused("a date on a condition", "d: 2024.02.01", &trades().update(set("d", Date(8797))).filter(ten()));
    let moment = Timestamp(758_678_400_000_000_000);
    let change = trades().update(set("tm", moment)).filter(ten());
    refused("a timestamp on a condition", "tm: 2024.01.16D00:00:00.000", &change);

    let case = Case {
        name: "a symbol in a reserved column",
        text: ["(alter 'syms set 'sym 'zz)", "(update {sym: 'zz from: 'syms})"],
        then: "syms",
        ..Case::default()
    };
    visit(case, &table("syms").update(set("sym", "zz")));
    let case = Case {
        name: "a reserved column and another",
        text: ["", "(update {let: 7 v: (* v 2.0) from: 'syms})"],
        then: "syms",
        ..Case::default()
    };
    visit(case, &table("syms").update((set("let", 7), set("v", col("v") * 2.0))));
    let case = Case {
        name: "reserved columns",
        text: [
            "(do (alter 'syms set 'let 7) (alter 'syms set 'sym 'zz))",
            "(update {let: 7 sym: 'zz from: 'syms})",
        ],
        then: "syms",
        ..Case::default()
    };
    visit(case, &table("syms").update((set("let", 7), set("sym", "zz"))));
    let case = Case {
        name: "a reserved column on a condition",
        text: ["", "(update {sym: 'zz from: 'syms where: (== v 1.0)})"],
        then: "syms",
        ..Case::default()
    };
    visit(case, &table("syms").update(set("sym", "zz")).filter(col("v").eq(1.0)));
}

struct Trade {
    ticker: String,
    px: f32,
    qty: i64,
}

fn inserts(visit: &mut Visit<'_>) {
    let mut insert = |name: &str, data: &str, change: &dyn Encode| {
        let insert = format!("(insert 't {data})");
        visit(Case { name, text: [&insert, &insert], then: "t", ..Case::default() }, change);
    };
    let t = || table("t");
    insert("a row", "(list 'c 3.5 30)", &t().insert(("c", 3.5, 30)));
    let rows = [("c", 3.5, 30), ("d", 4.5, 40)];
    let data = "(list [c d] [3.5 4.5] [30 40])";
    insert("rows", data, &t().insert(rows));
    insert("a slice of rows", data, &t().insert(&rows[..]));
    let (tickers, prices, quantities) = (["c", "d"], [3.5, 4.5], [30i64, 40]);
    insert("columns", data, &t().insert((&tickers[..], &prices[..], &quantities[..])));
    insert("columns from arrays", data, &t().insert((tickers, prices, quantities)));
    let iterated =
        (column(tickers.iter().copied()), column((3..5).map(|n| f64::from(n) + 0.5)), &quantities[..]);
    insert("columns from iterators", data, &t().insert(iterated));
    let trades = [(3.5, 30), (4.5, 40)].map(|(px, qty)| Trade {
        ticker: if qty == 30 { "c" } else { "d" }.into(),
        px,
        qty,
    });
    let fields = each(&trades).field(|t| t.ticker.as_str()).field(|t| f64::from(t.px)).field(|t| t.qty);
    insert("structs", data, &t().insert(fields));
    let names = ["qty", "ticker", "px"];
    insert(
        "a named row",
        "(dict [qty ticker px] (list 30 'c 3.5))",
        &t().insert(named(names, (30, "c", 3.5))),
    );
    let data_by_name = "(dict [qty ticker px] (list [30 40] [c d] [3.5 4.5]))";
    insert("named columns", data_by_name, &t().insert(named(names, (quantities, tickers, prices))));
    let columns: [&dyn Encode; 3] = [&Symbols(&tickers), &prices, &quantities];
    insert("a table", data, &t().insert(Table::new(&["ticker", "px", "qty"], &columns)));
    let columns: &[&dyn Encode] = &columns;
    insert("columns known at run time", data, &t().insert(columns));
    let query = from(table("trades")).select(("ticker", "px", "qty")).filter(col("qty").gt(20));
    let data = "(select {ticker: ticker px: px qty: qty from: trades where: (> qty 20)})";
    insert("the result of a query", data, &t().insert(query));
    insert(
        "nulls",
        "(list [c d] [3.5 4.5] (as 'I64 (list 0Nl 40)))",
        &t().insert([("c", 3.5, None), ("d", 4.5, Some(40))]),
    );

    let trades = || table("trades");
    let mut python = |name: &str, python: &str, data: &str, change: &dyn Encode| {
        let text = format!("(insert 'trades {data})");
        // 2.0.0 would spoil the column of dates, so it is made to refuse.
        let except = &[("2.0.0", Outcome::Error)];
        let case = Case { name, text: [&text, &text], python, then: "trades", except, ..Case::default() };
        visit(case, change);
    };
    let day = Date(8800);
    let moment = Timestamp(758_678_400_000_000_000);
    let row = ("z", 9.5, 90, day, moment);
    let stamp = "dt.datetime(2024, 1, 16, tzinfo=dt.timezone.utc)";
    let text = "(list [z] [9.5] [90] [2024.02.04] [2024.01.16D00:00:00.000])";
    python(
        "a row beside Python's",
        &format!("Table('trades').insert('z', 9.5, 90, dt.date(2024, 2, 4), {stamp})"),
        text,
        &trades().insert(row),
    );
    let text = "(list [y z] [8.5 9.5] [80 90] [2024.02.04 2024.02.04] \
                [2024.01.16D00:00:00.000 2024.01.16D00:00:00.000])";
    python(
        "columns beside Python's",
        &format!(
            "Table('trades').insert(['y', 'z'], [8.5, 9.5], [80, 90], [dt.date(2024, 2, 4)] * 2, [{stamp}] * 2)"
        ),
        text,
        &trades().insert((["y", "z"], [8.5, 9.5], [80, 90], [day; 2], [moment; 2])),
    );
    let dict = "(dict [ticker px qty d tm] (list [z] [9.5] [90] [2024.02.04] [2024.01.16D00:00:00.000]))";
    python(
        "a named row beside Python's",
        &format!("Table('trades').insert(ticker='z', px=9.5, qty=90, d=dt.date(2024, 2, 4), tm={stamp})"),
        dict,
        &trades().insert(named(["ticker", "px", "qty", "d", "tm"], row)),
    );
    let wide = "(list [y] [1.0] [7] [2024.02.04] [2024.01.16D00:00:00.000])";
    python("of exact types", "", wide, &trades().insert(("y", exact(1.0), exact(7i64), day, moment)));
}

fn upserts(visit: &mut Visit<'_>) {
    let quotes = || table("quotes");
    let mut upsert = |name: &str, keys: usize, data: &str, python: &str, change: &dyn Encode| {
        let text = format!("(upsert 'quotes {keys} {data})");
        let python = format!("Table('quotes').upsert({python}, key_columns={keys})");
        visit(
            Case { name, text: [&text, &text], python: &python, then: "quotes", ..Case::default() },
            change,
        );
    };
    upsert("an upserted row", 1, "(list [a] [9.5])", "'a', 9.5", &quotes().upsert(1, ("a", 9.5)));
    upsert("an upserted new row", 1, "(list [z] [9.5])", "'z', 9.5", &quotes().upsert(1, ("z", 9.5)));
    let rows = [("a", 9.5), ("z", 8.5)];
    upsert("upserted rows", 1, "(list [a z] [9.5 8.5])", "['a', 'z'], [9.5, 8.5]", &quotes().upsert(1, rows));
    let data = "(dict [ticker bid] (list [a z] [9.5 8.5]))";
    let change = quotes().upsert(1, named(["ticker", "bid"], (["a", "z"], [9.5, 8.5])));
    upsert("upserted named columns", 1, data, "ticker=['a', 'z'], bid=[9.5, 8.5]", &change);
    let data = "(dict [ticker bid] (list [b] [9.5]))";
    let change = quotes().upsert(1, named(["ticker", "bid"], ("b", 9.5)));
    upsert("an upserted named row", 1, data, "ticker='b', bid=9.5", &change);
    let change = quotes().upsert(2, ("a", 1.25));
    upsert("two keys", 2, "(list [a] [1.25])", "'a', 1.25", &change);
}

fn saves(visit: &mut Visit<'_>) {
    let query = || table("trades").select("px").filter(col("qty").gt(10));
    let text = "(set saved (select {px: px from: trades where: (> qty 10)}))";
    let case = Case { name: "save", text: [text, text], then: "saved", ..Case::default() };
    visit(case, &query().save("saved"));
    let columns: [&dyn Encode; 2] = [&[1i64, 2], &[1.5, f64::NAN]];
    let text = "(set saved (table [id v] (list [1 2] [1.5 0Nf])))";
    let case = Case { name: "save rows sent along", text: [text, text], then: "saved", ..Case::default() };
    visit(case, &from(Table::new(&["id", "v"], &columns)).save("saved"));
    let text = "(set saved (xdesc trades 'px))";
    let case = Case { name: "save in order", text: [text, text], then: "saved", ..Case::default() };
    visit(case, &table("trades").order_by_desc("px").save("saved"));
}
