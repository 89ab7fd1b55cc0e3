//! The functions of the server that queries are made of: their names, and what is peculiar to each.

use crate::codec::Writer;
use crate::error::RequestError;
use crate::wire::{Arity, Dialect, Generation};

/// A builtin function of the server.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Operator {
    /// Its name on wire 3.
    pub(crate) name: &'static str,
    /// The function of wire 1 that does the same: most often of that name, empty where there is none.
    pub(crate) wire1: &'static str,
    /// How many arguments its tag on wire 1 says that it takes.
    pub(crate) arity: Arity,
    /// Whether 2.0.0 leaves a request of it alone unanswered, or may: those whose result it computes lazily, and
    /// those that give back what another call gave.
    pub(crate) lazy: bool,
}

impl Operator {
    /// The same on both generations, and answered by all servers.
    pub(crate) const fn new(name: &'static str, arity: Arity) -> Operator {
        Operator { name, wire1: name, arity, lazy: false }
    }

    /// Not answered by 2.0.0 as a request of its own.
    pub(crate) const fn lazy(name: &'static str, arity: Arity) -> Operator {
        Operator { name, wire1: name, arity, lazy: true }
    }

    /// Another function on wire 1, or none.
    pub(crate) const fn renamed(name: &'static str, wire1: &'static str, arity: Arity) -> Operator {
        Operator { name, wire1, arity, lazy: false }
    }
}

/// The head of a call: a builtin's tag on wire 1, which looks no names of builtins up; a name on wire 3.
pub(crate) fn head(writer: &mut Writer<'_>, operator: &Operator) {
    match writer.generation() {
        Generation::V1 if operator.wire1.is_empty() => lacks(writer, operator.name),
        Generation::V1 => writer.function(operator.arity, operator.wire1.as_bytes()),
        Generation::V3 => writer.symbol(operator.name.as_bytes(), false),
    }
}

/// Refuses what the generation that is written does not have.
pub(crate) fn lacks(writer: &mut Writer<'_>, what: &'static str) {
    writer.fail(RequestError::Lacks { what, generation: writer.generation(), dialect: None });
}

/// Refuses what dialect 1a alone does not have. Where the dialect of a server is not known, the request waits for that.
pub(crate) fn beyond_1a(writer: &mut Writer<'_>, what: &'static str) {
    if let dialect @ Some(Dialect::V1a) = writer.dialect() {
        writer.fail(RequestError::Lacks { what, generation: Generation::V1, dialect });
    }
}

macro_rules! operators {
    ($($constant:ident = $make:ident($($argument:expr),*);)*) => {
        $(pub(crate) static $constant: Operator = Operator::$make($($argument),*);)*
    };
}

use Arity::{Binary, Unary, Variadic};

operators! {
    ADD = new("+", Binary);
    SUBTRACT = new("-", Binary);
    MULTIPLY = new("*", Binary);
    // The two divisions have changed their names between the generations.
    DIVIDE = renamed("/", "div", Binary);
    DIV_INT = renamed("div", "/", Binary);
    MODULO = new("%", Binary);
    NEGATE = new("neg", Unary);

    EQUALS = new("==", Binary);
    NOT_EQUALS = new("!=", Binary);
    GREATER_THAN = new(">", Binary);
    GREATER_EQUAL = new(">=", Binary);
    LESS_THAN = new("<", Binary);
    LESS_EQUAL = new("<=", Binary);
    LIKE = new("like", Binary);

    AND = new("and", Variadic);
    OR = new("or", Variadic);
    NOT = new("not", Unary);

    SUM = lazy("sum", Unary);
    AVG = lazy("avg", Unary);
    COUNT = new("count", Unary);
    MIN = lazy("min", Unary);
    MAX = lazy("max", Unary);
    FIRST = lazy("first", Unary);
    LAST = lazy("last", Unary);
    MEDIAN = new("med", Unary);
    DEVIATION = new("dev", Unary);
    STDDEV = renamed("stddev", "", Unary);
    PEARSON_CORR = renamed("pearson_corr", "", Binary);
    ROW = new("row", Unary);

    XBAR = new("xbar", Binary);
    CEIL = new("ceil", Unary);
    FLOOR = new("floor", Unary);
    ROUND = new("round", Unary);
    RAND = new("rand", Binary);

    IN = new("in", Binary);
    DISTINCT = lazy("distinct", Unary);
    REVERSE = lazy("reverse", Unary);
    GROUP = new("group", Unary);
    TAKE = lazy("take", Binary);
    TOP = renamed("top", "", Binary);
    BOT = renamed("bot", "", Binary);
    REMOVE = new("remove", Binary);
    FILTER = new("filter", Binary);
    FIND = new("find", Binary);
    WITHIN = new("within", Binary);
    SECT = new("sect", Binary);
    EXCEPT = new("except", Binary);
    UNION = new("union", Binary);
    RAZE = new("raze", Unary);
    UNGROUP = renamed("ungroup", "", Unary);
    DIVERSE = new("diverse", Unary);
    UNIFY = new("unify", Unary);

    SELECT = new("select", Unary);
    UPDATE = new("update", Unary);
    INSERT = new("insert", Variadic);
    UPSERT = new("upsert", Variadic);
    WHERE = new("where", Unary);

    INNER_JOIN = new("inner-join", Variadic);
    LEFT_JOIN = new("left-join", Variadic);
    ASOF_JOIN = new("asof-join", Variadic);
    WINDOW_JOIN = new("window-join", Variadic);
    WINDOW_JOIN1 = new("window-join1", Variadic);

    ASC = lazy("asc", Unary);
    DESC = lazy("desc", Unary);
    XASC = new("xasc", Binary);
    XDESC = new("xdesc", Binary);
    IASC = new("iasc", Unary);
    IDESC = new("idesc", Unary);
    RANK = new("rank", Unary);
    XRANK = new("xrank", Binary);

    AT = new("at", Binary);
    KEY = new("key", Unary);
    VALUE = lazy("value", Unary);
    GET = new("get", Unary);

    MAP = lazy("map", Variadic);
    MAP_LEFT = lazy("map-left", Variadic);
    MAP_RIGHT = lazy("map-right", Variadic);
    PMAP = lazy("pmap", Variadic);
    FOLD = lazy("fold", Variadic);
    // Ends 0.1.5 and 1.0.0.
    FOLD_LEFT = renamed("fold-left", "", Variadic);
    FOLD_RIGHT = lazy("fold-right", Variadic);
    SCAN = lazy("scan", Variadic);
    SCAN_LEFT = lazy("scan-left", Variadic);
    SCAN_RIGHT = lazy("scan-right", Variadic);
    APPLY = lazy("apply", Variadic);
    ALTER = lazy("alter", Variadic);
    MODIFY = lazy("modify", Variadic);

    TIL = new("til", Unary);
    ENLIST = new("enlist", Variadic);

    LIST = new("list", Variadic);
    TYPE = new("type", Unary);
    AS = lazy("as", Binary);
    GUID = new("guid", Unary);
    IS_NIL = new("nil?", Unary);

    DATE = new("date", Unary);
    TIME = new("time", Unary);
    TIMESTAMP = new("timestamp", Unary);

    READ = new("read", Unary);
    WRITE = new("write", Binary);
    SHOW = new("show", Unary);
    FORMAT = new("format", Variadic);
    PRINT = new("print", Variadic);
    PRINTLN = new("println", Variadic);

    SER = new("ser", Unary);
    DE = lazy("de", Unary);
    PARSE = lazy("parse", Unary);

    EVAL = lazy("eval", Unary);
    QUOTE = new("quote", Unary);
    LOAD = lazy("load", Unary);
    RESOLVE = lazy("resolve", Unary);

    DO = lazy("do", Variadic);
    IF = lazy("if", Variadic);
    TRY = lazy("try", Binary);
    RETURN = lazy("return", Variadic);
    RAISE = new("raise", Unary);

    SET = lazy("set", Binary);
    LET = lazy("let", Binary);
    ENV = new("env", Variadic);

    DICT = new("dict", Binary);
    TABLE = new("table", Binary);
    CONCAT = new("concat", Binary);

    EXIT = new("exit", Variadic);
    TIMEIT = new("timeit", Variadic);

    SET_SPLAYED = renamed(".db.splayed.set", "set-splayed", Variadic);
    GET_SPLAYED = renamed(".db.splayed.get", "get-splayed", Variadic);
    GET_PARTED = renamed(".db.parted.get", "get-parted", Variadic);

    META = new("meta", Unary);
    RC = new("rc", Unary);

    BIN = new("bin", Binary);
    BINR = new("binr", Binary);
    SPLIT = new("split", Binary);
}
