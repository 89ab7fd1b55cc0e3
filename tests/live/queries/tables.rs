//! Queries whose value is a table, or a part of one.

use rayforce_ipc::codec::Encode;
use rayforce_ipc::codec::literal::{Symbols, Table};
use rayforce_ipc::query::{All, call, col, from, lit, set, sym, table, text};
use rayforce_ipc::wire::{Date, Timestamp};

use super::{Case, Outcome, Visit};

pub fn visit(visit: &mut Visit<'_>) {
    selects(visit);
    conditions(visit);
    groups(visit);
    orders(visit);
    joins(visit);
    parts(visit);
}

/// The same text on both generations.
fn both<'a>(name: &'a str, text: &'a str, python: &'a str) -> Case<'a> {
    Case { name, text: [text, text], python, ..Case::default() }
}

fn selects(visit: &mut Visit<'_>) {
    let trades = || table("trades");
    visit(both("a table by its name", "trades", ""), &trades());
    visit(
        both("select all", "(select {from: trades})", "Table('trades').select('*')"),
        &trades().select(All),
    );
    let text = "(select {ticker: ticker px: px from: trades})";
    visit(both("select", text, "Table('trades').select('ticker', 'px')"), &trades().select(("ticker", "px")));
    let text = "(select {p: px from: trades})";
    visit(
        both("rename", text, "Table('trades').select(p=Column('px'))"),
        &trades().select(col("px").named("p")),
    );
    let value = (col("px") * col("qty")).named("value");
    let text = "(select {ticker: ticker value: (* px qty) from: trades})";
    let python = "Table('trades').select('ticker', value=Column('px') * Column('qty'))";
    visit(both("compute", text, python), &trades().select(("ticker", value)));
    // Keys that wire 1 drops from a select without a word.
    let case = Case {
        text: [
            "(table ['sym 'let 'w] (list (at syms 'sym) (at syms 'let) (* 2.0 (at syms 'v))))",
            "(select {sym: sym let: let w: (* v 2.0) from: syms})",
        ],
        python: "Table('syms').select('sym', 'let', w=Column('v') * 2.0)",
        ..both("reserved names", "", "")
    };
    visit(case, &table("syms").select(("sym", "let", (col("v") * 2.0).named("w"))));
    let case = Case {
        text: ["(table [sym] (value (select {a: sym from: syms})))", "(select {sym: sym from: syms})"],
        python: "Table('syms').select('sym')",
        ..both("one reserved name", "", "")
    };
    visit(case, &table("syms").select("sym"));
    let case = Case {
        text: [
            "(table [g sym] (value (select {by: {g: sym} a: (first sym) from: syms})))",
            "(select {sym: (first sym) by: {g: sym} from: syms})",
        ],
        python: "Table('syms').select(sym=Column('sym').first()).by(g='sym')",
        ..both("a reserved name in groups", "", "")
    };
    visit(
        Case { python: "", ..case },
        &table("syms").select(col("sym").first().named("sym")).by(col("sym").named("g")),
    );
    // Names that are clauses of wire 3.
    let case = Case {
        text: [
            "(select {asc: px desc: qty from: trades})",
            "(table [asc desc] (value (select {a: px b: qty from: trades})))",
        ],
        ..both("clauses as names", "", "")
    };
    visit(case, &trades().select((col("px").named("asc"), col("qty").named("desc"))));
    let case = Case {
        text: [
            "(table [from where] (value (select {a: px b: qty from: trades})))",
            "(table [from where] (value (select {a: px b: qty from: trades})))",
        ],
        ..both("from and where as names", "", "")
    };
    visit(case, &trades().select((col("px").named("from"), col("qty").named("where"))));

    let columns: [&dyn Encode; 2] = [&Symbols(&["a", "b"]), &[1.5, 2.5]];
    let rows = Table::new(&["ticker", "px"], &columns);
    let text = "(select {px: px from: (table [ticker px] (list [a b] [1.5 2.5])) where: (> px 2)})";
    let python = "Table({'ticker': Vector(['a', 'b'], ray_type=Symbol), 'px': Vector([1.5, 2.5], ray_type=F64)})\
                  .select('px').where(Column('px') > 2)";
    visit(both("rows sent along", text, python), &from(rows).select("px").filter(col("px").gt(2)));
    let nested =
        from(trades().select(("qty", (col("px") * 2.0).named("double")))).filter(col("double").gt(3.0));
    let text = "(select {from: (select {qty: qty double: (* px 2.0) from: trades}) where: (> double 3.0)})";
    visit(both("a select of a select", text, ""), &nested);
    let updated = from(trades()).update(set("px", col("px") * 2.0)).filter(col("qty").gt(10));
    let text = "(select {from: (update {px: (* px 2.0) from: trades}) where: (> qty 10)})";
    visit(both("a changed copy", text, ""), &updated);
}

fn conditions(visit: &mut Visit<'_>) {
    let trades = || table("trades");
    let mut filter = |condition: &str, python: &str, query: &dyn Encode| {
        let text = format!("(select {{from: trades where: {condition}}})");
        let python = format!("Table('trades').where({python})");
        visit(both(condition, &text, &python), query);
    };
    filter("(> px 1.5)", "Column('px') > 1.5", &trades().filter(col("px").gt(1.5)));
    filter("(>= px 1.5)", "Column('px') >= 1.5", &trades().filter(col("px").ge(1.5)));
    filter("(< qty 20)", "Column('qty') < 20", &trades().filter(col("qty").lt(20)));
    filter("(<= qty 20)", "Column('qty') <= 20", &trades().filter(col("qty").le(20)));
    filter("(== ticker 'a)", "Column('ticker') == 'a'", &trades().filter(col("ticker").eq("a")));
    filter("(!= ticker 'a)", "Column('ticker') != 'a'", &trades().filter(col("ticker").ne("a")));
    filter("(== ticker 'b)", "Column('ticker') == 'b'", &trades().filter(col("ticker").eq(sym("b"))));
    filter(
        "(in ticker [a c])",
        "Column('ticker').isin(['a', 'c'])",
        &trades().filter(col("ticker").isin(["a", "c"])),
    );
    filter("(in qty [10 40])", "Column('qty').isin([10, 40])", &trades().filter(col("qty").isin([10, 40])));
    let date = Date(8780);
    filter("(== d 2024.01.15)", "Column('d') == dt.date(2024, 1, 15)", &trades().filter(col("d").eq(date)));
    let noon = Timestamp(758_678_400_000_000_000);
    filter(
        "(> tm 2024.01.16D00:00:00.000)",
        "Column('tm') > dt.datetime(2024, 1, 16, tzinfo=dt.timezone.utc)",
        &trades().filter(col("tm").gt(noon)),
    );
    let both_hold = trades().filter(col("px").gt(1) & col("qty").lt(30));
    filter("(and (> px 1) (< qty 30))", "(Column('px') > 1) & (Column('qty') < 30)", &both_hold);
    let several = trades().filter(col("px").gt(1)).filter(col("qty").lt(30)).filter(col("ticker").eq("b"));
    filter(
        "(and (and (> px 1) (< qty 30)) (== ticker 'b))",
        "(Column('px') > 1) & (Column('qty') < 30) & (Column('ticker') == 'b')",
        &several,
    );
    let one_holds = trades().filter(col("px").gt(3) | col("qty").eq(20));
    filter("(or (> px 3) (== qty 20))", "(Column('px') > 3) | (Column('qty') == 20)", &one_holds);
    filter("(not (> px 1))", "(Column('px') > 1).is_(False)", &trades().filter(!col("px").gt(1)));
    filter(
        "(not (> qty 10))",
        "(Column('qty') > 10).is_(False)",
        &trades().filter(col("qty").gt(10).is(false)),
    );
    filter("(> qty 20)", "(Column('qty') > 20).is_(True)", &trades().filter(col("qty").gt(20).is(true)));
    let between = trades().filter(col("qty").between(20, 30));
    filter("(and (>= qty 20) (<= qty 30))", "(Column('qty') >= 20) & (Column('qty') <= 30)", &between);
    let text = "(select {from: trades where: (within qty [20 30])})";
    let python =
        "Table('trades').where(Expression(Operation.WITHIN, Column('qty'), Vector([20, 30], ray_type=I64)))";
    let except = &[("2.0.0", Outcome::Error)];
    let within = trades().filter(col("qty").within([20, 30]));
    visit(Case { except, ..both("within in a select", text, python) }, &within);
    let case = Case {
        text: ["", "(select {from: trades where: (like ticker \"a*\")})"],
        python: "Table('trades').where(Expression(Operation.LIKE, Column('ticker'), 'a*'))",
        except: &[("0.1.5", Outcome::Error), ("1.0.0", Outcome::Error)],
        ..both("like in a select", "", "")
    };
    visit(case, &trades().filter(col("ticker").like("a*")));
    let null = from(trades()).update(set("px", Some(1.0))).select(((1 - col("qty")).named("r"), "px"));
    let text = "(select {r: (- 1 qty) px: px from: (update {px: 1.0 from: trades})})";
    visit(both("a number in front", text, ""), &null);
}

fn groups(visit: &mut Visit<'_>) {
    let total = || table("trades").select(col("qty").sum().named("total"));
    let text = "(select {total: (sum qty) by: {ticker: ticker} from: trades})";
    let python = "Table('trades').select(total=Column('qty').sum()).by('ticker')";
    visit(both("by", text, python), &total().by("ticker"));
    let text = "(select {total: (sum qty) by: {ticker: ticker d: d} from: trades})";
    let python = "Table('trades').select(total=Column('qty').sum()).by('ticker', 'd')";
    visit(both("by two", text, python), &total().by(("ticker", "d")));
    let text = "(select {total: (sum qty) by: {bucket: (xbar px 2)} from: trades})";
    let python = "Table('trades').select(total=Column('qty').sum())\
                  .by(bucket=Expression(Operation.XBAR, Column('px'), 2))";
    visit(both("by a computed one", text, python), &total().by(col("px").xbar(2).named("bucket")));
    let text = "(select {total: (sum qty) by: {ticker: ticker} from: trades where: (> px 1.0)})";
    let python = "Table('trades').select(total=Column('qty').sum()).where(Column('px') > 1.0).by('ticker')";
    visit(both("where and by", text, python), &total().filter(col("px").gt(1.0)).by("ticker"));
    let case = Case {
        text: [
            "(select {x: (sum (map at qty (where (> px 1)))) from: trades})",
            "(select {x: (sum (if (> px 1) qty 0)) from: trades})",
        ],
        python: "Table('trades').select(x=Column('qty').where(Column('px') > 1).sum())",
        ..both("a filtered sum", "", "")
    };
    visit(case, &table("trades").select(col("qty").filter(col("px").gt(1)).sum().named("x")));
    let case = Case {
        text: [
            "(select {x: (sum (map at qty (where (> px 1)))) by: {ticker: ticker} from: trades})",
            "(select {x: (sum (if (> px 1) qty 0)) by: {ticker: ticker} from: trades})",
        ],
        ..both("filtered sums in groups", "", "")
    };
    let filtered = col("qty").filter(col("px").gt(1)).sum().named("x");
    visit(case, &table("trades").select(filtered).by("ticker"));
    let except = &[("2.0.0", Outcome::TextFails)];
    let text = "(select {s: (distinct ticker) from: trades})";
    let python = "Table('trades').select(s=Column('ticker').distinct())";
    let distinct = col("ticker").named("s");
    visit(Case { except, ..both("distinct values", text, python) }, &table("trades").distinct(distinct));
    let case =
        Case { except: &[("2.0.0", Outcome::Error)], ..both("distinct values in a select", text, python) };
    visit(case, &table("trades").select(col("ticker").distinct().named("s")));
    let text = "(select {s: (distinct ticker) from: trades where: (> px 1)})";
    let python = "Table('trades').select(s=Column('ticker').distinct()).where(Column('px') > 1)";
    let query = table("trades").filter(col("px").gt(1)).distinct(distinct);
    visit(Case { except, ..both("distinct values on a condition", text, python) }, &query);
    let case = Case {
        text: [
            "(table [sym] (value (select {a: (distinct sym) from: syms})))",
            "(select {sym: (distinct sym) from: syms})",
        ],
        except,
        ..both("distinct values of a reserved name", "", "")
    };
    visit(case, &table("syms").distinct("sym"));
}

fn orders(visit: &mut Visit<'_>) {
    let trades = || table("trades");
    // The order of the Python client gets lost on its way.
    visit(both("order", "(xasc trades 'px)", ""), &trades().order_by("px"));
    visit(both("descending order", "(xdesc trades 'qty)", ""), &trades().order_by_desc("qty"));
    visit(both("order by two", "(xasc trades ['ticker 'px])", ""), &trades().order_by(["ticker", "px"]));
    let text = "(xasc (select {px: px from: trades where: (> qty 10)}) 'px)";
    visit(
        both("order of a select", text, ""),
        &trades().select("px").filter(col("qty").gt(10)).order_by("px"),
    );
    let text = "(xasc (xdesc trades 'px) 'ticker)";
    visit(both("two orders", text, ""), &trades().order_by_desc("px").order_by("ticker"));
    visit(both("first rows", "(take trades 2)", ""), &trades().take(2));
    visit(both("no rows", "(take trades 0)", ""), &trades().take(0));
    visit(both("more rows than there are", "trades", ""), &trades().take(9));
    visit(both("last rows", "(take trades -2)", ""), &trades().take_last(2));
    visit(both("more last rows than there are", "trades", ""), &trades().take_last(9));
    visit(both("rows in the middle", "(take trades [1 2])", ""), &trades().take_from(1, 2));
    let text = "(take (xdesc (select {px: px from: trades where: (> qty 10)}) 'px) 2)";
    let best = trades().select("px").filter(col("qty").gt(10)).order_by_desc("px").take(2);
    visit(both("the best of a select", text, ""), &best);
    let text = "(select {from: (take trades 3) where: (> px 2)})";
    visit(both("a condition behind", text, ""), &trades().take(3).filter(col("px").gt(2)));
    let text = "(concat trades (select {from: trades where: (> px 3)}))";
    visit(both("one behind another", text, ""), &trades().concat(trades().filter(col("px").gt(3))));
}

fn joins(visit: &mut Visit<'_>) {
    let trades = || table("trades");
    visit(
        both("left join", "(left-join [ticker] trades quotes)", ""),
        &trades().left_join(table("quotes"), "ticker"),
    );
    visit(
        both("inner join", "(inner-join [ticker] trades quotes)", ""),
        &trades().inner_join(table("quotes"), ["ticker"]),
    );
    let names: &[&str] = &["ticker", "time"];
    visit(
        both("as-of join", "(asof-join [ticker time] ticks bids)", ""),
        &table("ticks").asof_join(table("bids"), names),
    );
    let case =
        Case { text: ["", "(asof-join [time] ticks bids)"], ..both("as-of join by the time alone", "", "") };
    visit(case, &table("ticks").asof_join(table("bids"), "time"));
    let interval = "(map-left + [-10 10] (at ticks 'time))";
    let low = || col("bid").min().named("low");
    let text = format!("(window-join [ticker time] {interval} ticks bids {{low: (min bid) n: (count bid)}})");
    let aggregates = (low(), col("bid").count().named("n"));
    let join = table("ticks").window_join(table("bids"), ["ticker", "time"], -10..=10, aggregates);
    visit(both("window join", &text, ""), &join);
    let text = format!("(window-join1 [ticker time] {interval} ticks bids {{low: (min bid)}})");
    let join = table("ticks").window_join1(table("bids"), ["ticker", "time"], -10..=10, low());
    visit(both("window join within", &text, ""), &join);
    let columns: [&dyn Encode; 2] = [&Symbols(&["a", "c"]), &[10i64, 20]];
    let rows = || from(Table::new(&["ticker", "limit"], &columns));
    let text = "(left-join [ticker] (table [ticker limit] (list [a c] [10 20])) quotes)";
    let python = "Table({'ticker': Vector(['a', 'c'], ray_type=Symbol), 'limit': Vector([10, 20], ray_type=I64)})\
                  .left_join(Table({'ticker': Vector(['a', 'b'], ray_type=Symbol), \
                  'bid': Vector([1.25, 2.25], ray_type=F64)}), on='ticker')";
    visit(both("left join of rows sent along", text, python), &rows().left_join(table("quotes"), "ticker"));
    let text = "(select {bid: bid from: (inner-join [ticker] trades quotes) where: (> qty 10)})";
    let join = trades().inner_join(table("quotes"), "ticker").select("bid").filter(col("qty").gt(10));
    visit(both("a select of a join", text, ""), &join);
}

fn parts(visit: &mut Visit<'_>) {
    visit(both("rows of a table", "(count trades)", ""), &table("trades").count());
    visit(both("one column", "(at trades 'px)", ""), &table("trades").column("px"));
    visit(both("one row", "(at trades 1)", ""), &table("trades").row(1));
    visit(both("names of columns", "(key trades)", ""), &table("trades").names());
    visit(both("columns", "(value trades)", ""), &table("trades").columns());
    visit(both("a stored function", "(double 21)", ""), &call("double", (21,)));
    visit(both("a stored function of a call", "(double (+ 1 2))", ""), &call("double", (lit(1) + 2,)));
    let column = table("trades").column("px");
    visit(both("a stored function of a column", "(double (at trades 'px))", ""), &call("double", (column,)));
    visit(both("a builtin by its name", "(sum [1 2 3])", ""), &call("sum", ([1, 2, 3],)));
    let arguments: &[&dyn Encode] = &[&1i64, &(lit(2) * 3)];
    visit(both("arguments known at run time", "(+ 1 (* 2 3))", ""), &call("+", arguments));
    let injected = text("(exit 1) \" ' ] } \\ ;");
    let case = both("text like code", "(list \"(exit 1) \\\" ' ] } \\\\ ;\")", "");
    visit(case, &call("list", (injected,)));
}
