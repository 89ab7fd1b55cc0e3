//! Every function that the Python client of 2.4.0 names (`Operation`).

use rayforce_ipc::codec::{Encode, Function};
use rayforce_ipc::query::functions as f;
use rayforce_ipc::query::{Expr, col, lit, sym, table, text};
use rayforce_ipc::wire::Type;

use super::{Case, Outcome, Visit};

/// The names of the operations of Rayforce-Py 2.4.0.
pub const PYTHON: &str = include_str!("../../query/operations.txt");

const ODD: [i64; 3] = [5, 2, 3];

pub fn visit(visit: &mut Visit<'_>) {
    arithmetic(visit);
    aggregates(visit);
    vectors(visit);
    functional(visit);
    language(visit);
    files(visit);
    verbs(visit);
}

fn both<'a>(name: &'a str, text: &'a str) -> Case<'a> {
    Case { name, text: [text, text], ..Case::default() }
}

fn odd() -> Expr<[i64; 3]> {
    lit(ODD)
}

fn arithmetic(visit: &mut Visit<'_>) {
    visit(Case { python: "Expression(Operation.ADD, 1, 2)", ..both("+", "(+ 1 2)") }, &(lit(1) + 2));
    visit(Case { python: "Expression(Operation.SUBTRACT, 1, 2)", ..both("-", "(- 1 2)") }, &(lit(1) - 2));
    visit(Case { python: "Expression(Operation.MULTIPLY, 3, 2)", ..both("*", "(* 3 2)") }, &(lit(3) * 2));
    // The two divisions have changed their names.
    let divide = Case {
        text: ["(div 5 2)", "(/ 5 2)"],
        python: "Expression(Operation.DIVIDE, 5, 2)",
        ..both("/", "")
    };
    visit(divide, &(lit(5) / 2));
    let divide = Case {
        text: ["(/ 5 2)", "(div 5 2)"],
        python: "Expression(Operation.DIV_INT, 5, 2)",
        ..both("div", "")
    };
    visit(divide, &lit(5).div_int(2));
    visit(Case { python: "Expression(Operation.MODULO, 5, 3)", ..both("%", "(% 5 3)") }, &(lit(5) % 3));
    visit(Case { python: "Expression(Operation.NEGATE, 5)", ..both("neg", "(neg 5)") }, &-lit(5));
    let mut compare = |name: &str, python: &str, query: &dyn Encode| {
        let text = format!("({name} [5 2 3] 3)");
        let python = format!("Expression(Operation.{python}, Vector([5, 2, 3], ray_type=I64), 3)");
        visit(Case { python: &python, ..both(name, &text) }, query);
    };
    compare("==", "EQUALS", &odd().eq(3));
    compare("!=", "NOT_EQUALS", &odd().ne(3));
    compare(">", "GREATER_THAN", &odd().gt(3));
    compare(">=", "GREATER_EQUAL", &odd().ge(3));
    compare("<", "LESS_THAN", &odd().lt(3));
    compare("<=", "LESS_EQUAL", &odd().le(3));
    let python = "Expression(Operation.LIKE, 'abc', 'a*')";
    visit(Case { python, ..both("like", "(like \"abc\" \"a*\")") }, &lit(text("abc")).like("a*"));
    visit(both("and", "(and true false)"), &lit(true).and(false));
    visit(both("or", "(or true false)"), &lit(true).or(false));
    visit(both("not", "(not true)"), &!lit(true));
    visit(both("xbar", "(xbar [5 2 3] 2)"), &odd().xbar(2));
    visit(both("ceil", "(ceil [1.2 2.0])"), &lit([1.2, 2.0]).ceil());
    visit(both("floor", "(floor [1.2 2.0])"), &lit([1.2, 2.0]).floor());
    visit(both("round", "(round [1.2 1.7])"), &lit([1.2, 1.7]).round());
    visit(Case { random: true, ..both("rand", "(rand 3 10)") }, &f::rand(3, 10));
}

fn aggregates(visit: &mut Visit<'_>) {
    let mut aggregate = |name: &str, python: &str, query: &dyn Encode| {
        let text = format!("({name} [5 2 3])");
        let python = format!("Expression(Operation.{python}, Vector([5, 2, 3], ray_type=I64))");
        visit(Case { python: &python, ..both(name, &text) }, query);
    };
    aggregate("sum", "SUM", &odd().sum());
    aggregate("avg", "AVG", &odd().avg());
    aggregate("avg", "MEAN", &odd().mean());
    aggregate("count", "COUNT", &odd().count());
    aggregate("min", "MIN", &odd().min());
    aggregate("max", "MAX", &odd().max());
    aggregate("first", "FIRST", &odd().first());
    aggregate("last", "LAST", &odd().last());
    aggregate("med", "MEDIAN", &odd().median());
    aggregate("dev", "DEVIATION", &odd().deviation());
    aggregate("distinct", "DISTINCT", &odd().distinct());
    aggregate("reverse", "REVERSE", &odd().reverse());
    aggregate("asc", "ASC", &odd().asc());
    aggregate("desc", "DESC", &odd().desc());
    aggregate("iasc", "IASC", &odd().iasc());
    aggregate("idesc", "IDESC", &odd().idesc());
    aggregate("rank", "RANK", &odd().rank());
    aggregate("group", "GROUP", &odd().group());
    visit(Case { text: ["", "(stddev [5 2 3])"], ..both("stddev", "") }, &odd().std());
    let case = Case { text: ["", "(pearson_corr [1.0 2.0 3.0] [1.0 3.0 2.0])"], ..both("pearson_corr", "") };
    visit(case, &lit([1.0, 2.0, 3.0]).pearson_corr([1.0, 3.0, 2.0]));
    visit(Case { text: ["", "(top [5 2 3] 2)"], ..both("top", "") }, &odd().top(2));
    visit(Case { text: ["", "(bot [5 2 3] 2)"], ..both("bot", "") }, &odd().bot(2));
    // No server computes more with it than this.
    visit(Case { fails: [false, true], ..both("row", "(row trades)") }, &f::row(table("trades")));
}

fn vectors(visit: &mut Visit<'_>) {
    visit(both("in", "(in 2 [5 2 3])"), &lit(2).isin(ODD));
    visit(both("take", "(take [5 2 3] 2)"), &odd().take(2));
    visit(Case { fails: [false, true], ..both("remove", "(remove [5 2 3] 1)") }, &f::remove(ODD, 1));
    visit(both("filter", "(filter [5 2 3] [true false true])"), &f::filter(ODD, [true, false, true]));
    visit(both("find", "(find [5 2 3] 2)"), &odd().find(2));
    visit(both("within", "(within [5 2 3] [2 3])"), &odd().within([2, 3]));
    visit(both("sect", "(sect [5 2 3] [2 3 9])"), &odd().sect([2, 3, 9]));
    visit(both("except", "(except [5 2 3] [2])"), &odd().except([2]));
    visit(both("union", "(union [5 2 3] [2 9])"), &odd().union([2, 9]));
    visit(both("raze", "(raze (list [1] [2 3]))"), &f::raze(f::list(([1], [2, 3]))));
    let lists = "(select {t: (top qty 2) by: {ticker: ticker} from: trades})";
    let ungroup = format!("(ungroup {lists})");
    let case = Case { text: ["", &ungroup], except: &[("2.0.0", Outcome::Error)], ..both("ungroup", "") };
    visit(case, &table("trades").select(col("qty").top(2).named("t")).by("ticker").ungroup());
    visit(both("diverse", "(diverse [5 2 3])"), &f::diverse(ODD));
    visit(Case { fails: [false, true], ..both("unify", "(unify (list 1 2))") }, &f::unify(f::list((1, 2))));
    visit(both("where", "(where [true false true])"), &lit([true, false, true]).places());
    visit(Case { fails: [false, true], ..both("xrank", "(xrank [5 2 3] 2)") }, &odd().xrank(2));
    visit(both("at", "(at [5 2 3] 1)"), &odd().at(1));
    visit(both("key", "(key (dict [a b] [1 2]))"), &f::key(f::dict(["a", "b"], [1, 2])));
    visit(both("value", "(value (dict [a b] [1 2]))"), &f::value(f::dict(["a", "b"], [1, 2])));
    visit(both("til", "(til 3)"), &f::til(3));
    visit(both("enlist", "(enlist 1 2)"), &f::enlist((1, 2)));
    visit(both("list", "(list 1 2.5 'a)"), &f::list((1, 2.5, sym("a"))));
    visit(both("concat", "(concat [5 2 3] [1])"), &odd().concat([1]));
    visit(both("bin", "(bin [1 3 5] 4)"), &lit([1, 3, 5]).bin(4));
    visit(both("binr", "(binr [1 3 5] 4)"), &lit([1, 3, 5]).binr(4));
    visit(both("split", "(split \"a,b\" \",\")"), &f::split(text("a,b"), text(",")));
    visit(both("dict", "(dict [a b] [1 2])"), &f::dict(["a", "b"], [1, 2]));
    visit(both("table", "(table [a] (list [1 2]))"), &f::table(["a"], f::list(([1, 2],))));
    visit(both("xasc", "(xasc trades 'px)"), &f::xasc(table("trades"), sym("px")));
    visit(both("xdesc", "(xdesc trades 'px)"), &f::xdesc(table("trades"), sym("px")));
}

fn functional(visit: &mut Visit<'_>) {
    let neg = || Function::new("neg");
    let plus = || Function::new("+");
    visit(both("map", "(map neg [5 2 3])"), &f::map(neg(), ODD));
    visit(both("map", "(map double [5 2 3])"), &f::map(col("double"), ODD));
    visit(both("pmap", "(pmap neg [5 2 3])"), &f::pmap(neg(), ODD));
    visit(both("map-left", "(map-left + [5 2 3] 1)"), &f::map_left((plus(), ODD, 1)));
    visit(both("map-right", "(map-right + 1 [5 2 3])"), &f::map_right((plus(), 1, ODD)));
    visit(both("fold", "(fold + 0 [5 2 3])"), &f::fold((plus(), 0, ODD)));
    let case = Case { text: ["", "(fold-left + 0 [5 2 3])"], ..both("fold-left", "") };
    visit(case, &f::fold_left((plus(), 0, ODD)));
    visit(both("fold-right", "(fold-right + 0 [5 2 3])"), &f::fold_right((plus(), 0, ODD)));
    visit(Case { fails: [true, false], ..both("scan", "(scan + [5 2 3])") }, &f::scan((plus(), ODD)));
    visit(
        Case { fails: [false, true], ..both("scan-left", "(scan-left + 0 [5 2 3])") },
        &f::scan_left((plus(), 0, ODD)),
    );
    visit(
        Case { fails: [false, true], ..both("scan-right", "(scan-right + 0 [5 2 3])") },
        &f::scan_right((plus(), 0, ODD)),
    );
    visit(both("apply", "(apply + 1 2)"), &f::apply((plus(), 1, 2)));
    let alter = f::alter((sym("pair"), Function::new("set"), 0, 9));
    visit(Case { then: "pair", ..both("alter", "(alter 'pair set 0 9)") }, &f::do_((alter, ())));
    visit(
        Case { fails: [true, true], ..both("modify", "(modify [5 2 3] + 0 1)") },
        &f::modify((ODD, plus(), 0, 1)),
    );
}

fn language(visit: &mut Visit<'_>) {
    visit(both("type", "(type 5)"), &f::type_(5));
    visit(both("as", "(as 'F64 [5 2 3])"), &odd().cast(Type::F64));
    visit(both("as", "(as 'TIMESTAMP [5000000 2000000])"), &f::as_(sym("TIMESTAMP"), [5_000_000, 2_000_000]));
    visit(Case { random: true, ..both("guid", "(guid 2)") }, &f::guid(2));
    visit(both("nil?", "(nil? null)"), &f::is_nil(()));
    visit(both("nil?", "(nil? 0Nl)"), &f::is_nil(None::<i64>));
    visit(both("date", "(date 'local)"), &f::date(sym("local")));
    visit(Case { random: true, ..both("time", "(time 'local)") }, &f::time(sym("local")));
    visit(Case { random: true, ..both("timestamp", "(timestamp 'local)") }, &f::timestamp(sym("local")));
    visit(both("show", "(show 1)"), &f::show(1));
    visit(both("format", "(format \"% and %\" 1 2)"), &f::format((text("% and %"), 1, 2)));
    visit(both("print", "(print \"x\")"), &f::print((text("x"),)));
    visit(both("println", "(println \"x\")"), &f::println((text("x"),)));
    visit(both("ser", "(at (ser 5) 16)"), &f::ser(5).at(16));
    visit(both("de", "(de (ser [5 2 3]))"), &f::de(f::ser(ODD)));
    visit(both("parse", "(parse \"(+ 1 2)\")"), &f::parse(text("(+ 1 2)")));
    visit(both("eval", "(eval (parse \"(+ 1 2)\"))"), &f::eval(f::parse(text("(+ 1 2)"))));
    visit(both("quote", "(quote abc)"), &f::quote(col("abc")));
    visit(both("resolve", "(resolve 'trades)"), &f::resolve(sym("trades")));
    visit(both("do", "(do 1 (sum [5 2 3]))"), &f::do_((1, odd().sum())));
    visit(both("if", "(if (> 2 1) 7 8)"), &f::if_((lit(2).gt(1), 7, 8)));
    let case =
        Case { text: ["", "(select {x: (if (> px 1) 1 0) from: trades})"], ..both("if row by row", "") };
    visit(case, &table("trades").select(f::choose(col("px").gt(1), 1, 0).named("x")));
    visit(both("try", "(try (+ 1 2) 5)"), &f::try_(lit(1) + 2, 5));
    visit(both("return", "(return 5)"), &f::return_((5,)));
    visit(Case { fails: [true, true], ..both("raise", "(raise \"x\")") }, &f::raise(text("x")));
    visit(Case { then: "defined", ..both("set", "(set defined 5)") }, &f::do_((f::set("defined", 5), ())));
    visit(both("let", "(do (let inner 5) (+ inner 1))"), &f::do_((f::let_("inner", 5), col("inner") + 1)));
    visit(Case { fails: [false, true], ..both("env", "(do (env) null)") }, &f::do_((f::env(()), ())));
    visit(Case { random: true, ..both("timeit", "(timeit (+ 1 2))") }, &f::timeit((lit(1) + 2,)));
    visit(both("meta", "(meta quotes)"), &f::meta(table("quotes")));
    visit(Case { random: true, ..both("rc", "(rc [5 2 3])") }, &f::rc(ODD));
}

fn files(visit: &mut Visit<'_>) {
    let except = &[("0.1.5", Outcome::Error), ("1.0.0", Outcome::Error)];
    visit(Case { except, ..both("write", "(write \"note\" \"abc\")") }, &f::write(text("note"), text("abc")));
    visit(Case { except, ..both("read", "(read \"note\")") }, &f::read(text("note")));
    visit(Case { fails: [true, true], ..both("get", "(get \"missing\")") }, &f::get(text("missing")));
    let except = &[("0.1.5", Outcome::Error), ("1.0.0", Outcome::Error)];
    let program = f::write(text("program"), text("(set loaded 5)"));
    visit(Case { except, ..both("write", "(write \"program\" \"(set loaded 5)\")") }, &program);
    let case = Case { then: "loaded", except, ..both("load", "(do (load \"program\") null)") };
    visit(case, &f::do_((f::load(text("program")), ())));
    let stored = "(.db.splayed.set \"./stored/\" quotes)";
    let case = Case { text: ["(set-splayed \"./stored/\" quotes)", stored], ..both(".db.splayed.set", "") };
    visit(case, &f::set_splayed((text("./stored/"), table("quotes"))));
    let read = "(select {from: (.db.splayed.get \"./stored/\")})";
    let case =
        Case { text: ["(select {from: (get-splayed \"./stored/\")})", read], ..both(".db.splayed.get", "") };
    let splayed =
        rayforce_ipc::query::from(f::get_splayed((text("./stored/"),))).select(rayforce_ipc::query::All);
    visit(case, &splayed);
    let read = "(.db.parted.get \"./missing/\" 't)";
    let case = Case {
        text: ["(get-parted \"./missing/\" 't)", read],
        fails: [true, true],
        ..both(".db.parted.get", "")
    };
    visit(case, &f::get_parted((text("./missing/"), sym("t"))));
}

/// The verbs have cases of their own; here they are named.
fn verbs(visit: &mut Visit<'_>) {
    let trades = || table("trades");
    visit(both("select", "(select {px: px from: trades})"), &trades().select("px"));
    let change = trades().update(rayforce_ipc::query::set("px", 1.0));
    let case = Case {
        text: ["(set trades (update {px: 1.0 from: trades}))", "(update {px: 1.0 from: 'trades})"],
        then: "trades",
        ..both("update", "")
    };
    visit(case, &change);
    visit(
        Case { then: "quotes", ..both("insert", "(insert 'quotes (list 'z 1.0))") },
        &table("quotes").insert(("z", 1.0)),
    );
    let case = Case { then: "quotes", ..both("upsert", "(upsert 'quotes 1 (list [z] [1.0]))") };
    visit(case, &table("quotes").upsert(1, ("z", 1.0)));
    let quotes = || table("quotes");
    visit(
        both("inner-join", "(inner-join [ticker] trades quotes)"),
        &trades().inner_join(quotes(), "ticker"),
    );
    visit(both("left-join", "(left-join [ticker] trades quotes)"), &trades().left_join(quotes(), "ticker"));
    let keys = ["ticker", "time"];
    let (ticks, bids) = (|| table("ticks"), || table("bids"));
    visit(both("asof-join", "(asof-join [ticker time] ticks bids)"), &ticks().asof_join(bids(), keys));
    let interval = "(map-left + [-50 50] (at ticks 'time)) ticks bids {n: (max bid)}";
    let highest = || col("bid").max().named("n");
    let text = format!("(window-join [ticker time] {interval})");
    visit(both("window-join", &text), &ticks().window_join(bids(), keys, -50..=50, highest()));
    let text = format!("(window-join1 [ticker time] {interval})");
    visit(both("window-join1", &text), &ticks().window_join1(bids(), keys, -50..=50, highest()));
}
