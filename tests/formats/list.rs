//! All public types, by the files that they are in. A type that is missing here is named by the test.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rayforce_ipc::client::{self, asynch};
use rayforce_ipc::codec::{self, cell, literal, token, vector};
use rayforce_ipc::error::{self, Error};
use rayforce_ipc::query::{self, functions};
use rayforce_ipc::transports::{adapters, duplex, faulty, serial, smoltcp, tcp, timed, tokio};
use rayforce_ipc::{engine, wire};

use crate::nowhere::{Nowhere, Stream};

const fn is<T: defmt::Format>() {}

macro_rules! types {
    ($($file:literal: $($name:ident = $ty:ty),+;)*) => {
        /// That this compiles is the test.
        #[test]
        fn every_type_has_a_format() {
            $($(is::<$ty>();)+)*
        }

        const LIST: &[(&str, &str)] = &[$($(($file, stringify!($name)),)+)*];
    };
}

types! {
    "src/client/asynch/columns.rs":
        Columns = asynch::Columns<'_, '_, Stream>,
        Column = asynch::Column<'_, '_, Stream>;
    "src/client/asynch/mod.rs": Connection = asynch::Connection<'_, Stream>;
    "src/client/asynch/push.rs":
        Push = asynch::Push<'_, '_, Stream>,
        Question = asynch::Question<'_, '_, Stream>;
    "src/client/asynch/reply.rs": Reply = asynch::Reply<'_, '_, Stream>;
    "src/client/asynch/verbose.rs": Verbose = asynch::Verbose<'_, '_, Stream>;
    "src/client/backoff.rs": Backoff = client::Backoff, Retry = client::Retry<'_, tcp::TcpError>;
    "src/client/blocking/columns.rs":
        Columns = client::Columns<'_, '_, Stream>,
        Column = client::Column<'_, '_, Stream>;
    "src/client/blocking/mod.rs": Connection = client::Connection<'_, Stream>;
    "src/client/blocking/push.rs":
        Push = client::Push<'_, '_, Stream>,
        Question = client::Question<'_, '_, Stream>;
    "src/client/blocking/reply.rs": Reply = client::Reply<'_, '_, Stream>;
    "src/client/blocking/verbose.rs": Verbose = client::Verbose<'_, '_, Stream>;
    "src/client/frames/frame.rs": Frame = client::frames::Frame<'_>;
    "src/client/frames/mod.rs": Frames = client::frames::Frames<'_, Stream>;
    "src/client/memory.rs": Buffers = client::Buffers<16, 16>, Memory = client::Memory<'_>;
    "src/client/options.rs":
        Options = client::Options<'_>,
        Packing = client::Packing,
        Timeouts = client::Timeouts;
    "src/client/reading/owned.rs": OwnedValue = client::OwnedValue;
    "src/client/session/mod.rs": Session = client::Session<'_>, Progress = client::Progress;
    "src/client/topics/mod.rs": Topic = client::Topic<'_>;
    "src/client/topics/numbering.rs": Gap = client::Gap, Restarted = client::Restarted;
    "src/client/transport.rs": Moment = client::Moment;
    "src/codec/cell.rs":
        Elements = cell::Elements<'_, i64, Option<i64>>,
        Strs = cell::Strs<'_>,
        Anything = cell::Anything<'_, codec::Value<'_>>,
        Rows = codec::Rows<'_, (i64, &str)>;
    "src/codec/decoder.rs": Decoder = codec::Decoder;
    "src/codec/function.rs":
        Function = codec::Function<'_>,
        Lambda = codec::Lambda<'_>,
        ErrorValue = codec::ErrorValue<'_>;
    "src/codec/literal.rs":
        Symbols = literal::Symbols<'_>,
        Strings = literal::Strings<'_>,
        Char = literal::Char,
        List = literal::List<'_>,
        Call = literal::Call<'_>,
        Dict = literal::Dict<'_>,
        Table = literal::Table<'_>,
        Lambda = literal::Lambda<'_>;
    "src/codec/table.rs":
        List = codec::List<'_>,
        Values = codec::table::Values<'_>,
        Table = codec::Table<'_>,
        Dict = codec::Dict<'_>;
    "src/codec/text.rs": Text = codec::Text<'_>, Symbol = codec::Symbol<'_>;
    "src/codec/token.rs":
        Token = codec::Token<'_>,
        Elements = token::Elements<'_>,
        Names = token::Names<'_>;
    "src/codec/value.rs": Value = codec::Value<'_>;
    "src/codec/vector.rs":
        Vector = codec::Vector<'_>,
        Symbols = vector::Symbols<'_>,
        Strings = vector::Strings<'_>;
    "src/codec/writer.rs": Writer = codec::Writer<'_>;
    "src/engine/asynch/guard.rs": PooledConnection = engine::asynch::PooledConnection<'_, '_, Nowhere, 2>;
    "src/engine/asynch/mod.rs": Engine = engine::asynch::Engine<'_, Nowhere, 2>;
    "src/engine/guard.rs": PooledConnection = engine::PooledConnection<'_, '_, Nowhere, 2>;
    "src/engine/mod.rs": Engine = engine::Engine<'_, Nowhere, 2>, Disposed = engine::Disposed;
    "src/engine/slot.rs": Slot = engine::Slot<client::Connection<'_, Stream>, 64, 64>;
    "src/error.rs":
        Error = Error<tcp::TcpError>,
        Phase = error::Phase,
        CloseReason = error::CloseReason,
        PeerError = error::PeerError,
        Fault = error::Fault,
        AuthError = error::AuthError,
        Storage = error::Storage,
        RequestError = error::RequestError,
        Mismatch = error::Mismatch,
        Shape = error::Shape;
    "src/error/outcome.rs":
        Outcome = error::Outcome;
    "src/query/call.rs": Call = query::Call<(i64,)>, NamedCall = query::NamedCall<'_, (i64,)>;
    "src/query/change.rs": Change = query::Change<i64>, Saved = query::Saved<'_, i64>;
    "src/query/columns.rs": Named = query::Named<'_, i64>, All = query::All, Keys = query::Keys<[&str; 2]>;
    "src/query/data.rs":
        Row = query::Row,
        Rows = query::Rows,
        Column = query::DataColumn<std::slice::Iter<'_, i64>>;
    "src/query/each.rs":
        Each = query::Each<'_, Nowhere, query::Getter<fn(&Nowhere) -> i64>>,
        Getter = query::Getter<fn(&Nowhere) -> i64>;
    "src/query/expr.rs":
        Expr = query::Expr<i64>,
        ColumnRef = query::ColumnRef<'_>,
        Filtered = query::Filtered<i64, bool>,
        FilteredSum = query::FilteredSum<i64, bool>,
        Is = query::Is<bool>;
    "src/query/functions.rs":
        Stored = functions::Stored<'_>,
        Choice = functions::Choice<bool, i64, i64>;
    "src/query/insert.rs":
        Insert = query::Insert<'_, (i64,)>,
        Upsert = query::Upsert<'_, (i64,)>,
        NamedData = query::NamedData<'_, 1, (i64,)>;
    "src/query/join.rs":
        WindowJoin = query::WindowJoin<query::Name<'_>, query::Name<'_>, [&str; 2], query::All>,
        TimeKeys = query::TimeKeys<[&str; 2]>;
    "src/query/operand.rs": Exact = query::Exact<u8>;
    "src/query/operator.rs": Operator = query::Operator;
    "src/query/query.rs":
        Query = query::Query<query::Name<'_>>,
        Name = query::Name<'_>,
        From = query::From<query::Name<'_>>,
        Taken = query::Taken<query::Name<'_>>,
        DistinctOf = query::DistinctOf<query::Name<'_>, query::ColumnRef<'_>>;
    "src/query/select.rs":
        Select = query::Select<query::Name<'_>, query::All, query::All, query::Always>,
        Always = query::Always,
        Where = query::Where<bool>;
    "src/query/update.rs":
        Update = query::Update<'_, query::All, query::Always>,
        Updated = query::Updated<query::Name<'_>, query::All, query::Always>;
    "src/wire/element.rs": Guid = wire::Guid;
    "src/wire/handshake.rs": Credentials = wire::Credentials<'_>;
    "src/wire/header.rs": MessageType = wire::MessageType, Header = wire::Header;
    "src/wire/mod.rs": Generation = wire::Generation, Dialect = wire::Dialect;
    "src/wire/server_error.rs": ServerError = wire::ServerError;
    "src/wire/tag.rs": Type = wire::Type, Arity = wire::Arity, Tag = wire::Tag;
    "src/wire/temporal.rs":
        Date = wire::Date,
        Time = wire::Time,
        Timestamp = wire::Timestamp,
        Timespan = wire::Timespan,
        Iso = wire::temporal::Iso;
    "transports/adapters.rs":
        Pair = adapters::Pair<u8, u8>,
        Unbounded = adapters::Unbounded<u8>,
        Polled = adapters::Polled<u8, u8>,
        TimedError = adapters::TimedError<u8>;
    "transports/duplex.rs":
        Step = duplex::Step<'_>,
        Duplex = duplex::Duplex<'_>,
        DuplexError = duplex::DuplexError,
        Connector = duplex::Connector<'_>;
    "transports/faulty.rs":
        Faults = faulty::Faults,
        End = faulty::End,
        Faulty = faulty::Faulty<u8>,
        FaultyError = faulty::FaultyError<u8>;
    "transports/serial.rs":
        Line = serial::Line<u8, u8>,
        Wire = serial::Wire<'_, u8>,
        LineError = serial::LineError<u8>;
    "transports/faulty/odds.rs": Odds = faulty::Odds;
    "transports/smoltcp/connector.rs": Connector = smoltcp::Connector<'_>;
    "transports/smoltcp/error.rs": SocketError = smoltcp::SocketError;
    "transports/smoltcp/slot.rs": Handle = smoltcp::Handle<'_>;
    "transports/smoltcp/stack.rs": Stack = smoltcp::Stack<'_, (), (), 2>;
    "transports/smoltcp/stream.rs": Stream = smoltcp::Stream<'_>;
    "transports/tcp.rs":
        Connector = tcp::Connector,
        Stream = tcp::Stream,
        Handle = tcp::Handle,
        TcpError = tcp::TcpError,
        SystemClock = tcp::SystemClock;
    "transports/timed.rs": Timed = timed::Timed<u8, u8>;
    "transports/tokio.rs": Connector = tokio::Connector, Stream = tokio::Stream, Timer = tokio::Timer;
}

/// Of what is public in name only: types that cannot be named from outside, and those that only the tests of the
/// documentation see.
const OTHERS: [(&str, &str); 4] = [
    ("src/lib.rs", "Readme"),
    ("src/lib.rs", "Queries"),
    ("src/lib.rs", "Devices"),
    ("src/query/operand.rs", "Kind"),
];

#[test]
fn no_type_is_forgotten() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut declared = BTreeSet::new();
    for directory in ["src", "transports"] {
        collect(root, &root.join(directory), &mut declared);
    }
    let listed = LIST.iter().chain(&OTHERS).map(|(file, name)| ((*file).to_owned(), (*name).to_owned()));
    let listed: BTreeSet<_> = listed.collect();
    let forgotten: Vec<_> = declared.difference(&listed).collect();
    assert!(forgotten.is_empty(), "give them a `Format` and put them in the list: {forgotten:?}");
    let gone: Vec<_> = listed.difference(&declared).collect();
    assert!(gone.is_empty(), "take them off the list: {gone:?}");
}

/// The names of the types that the files of a directory make public.
fn collect(root: &Path, directory: &Path, names: &mut BTreeSet<(String, String)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, names);
            continue;
        }
        let file = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        for line in fs::read_to_string(&path).unwrap().lines() {
            let mut words = line.trim_start().split(|char: char| !char.is_alphanumeric() && char != '_');
            if words.next() == Some("pub") && matches!(words.next(), Some("struct" | "enum" | "union")) {
                names.insert((file.clone(), words.next().unwrap_or_default().to_owned()));
            }
        }
    }
}
