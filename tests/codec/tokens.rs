use rayforce_ipc::codec::{Decoder, Encode, Symbol, Text, Token, Value, literal};
use rayforce_ipc::wire::{Generation, Guid, Type};

use crate::support::codec::{BOTH, sent};
use crate::support::hex::unhex;
use crate::support::tokens::{Piece, read, read_whole, read_window};

const V1: Generation = Generation::V1;
const V3: Generation = Generation::V3;

const LONG: &str =
    "a name that is longer than any of the windows that these tests read it through, or nearly so";

/// Leaves of each kind, longer and shorter than a window, the last one of a container and not.
fn everything(generation: Generation) -> Vec<u8> {
    let names = literal::Symbols(&["", LONG, "short", "", LONG]);
    let texts = literal::Strings(&["", LONG, "short", ""]);
    let columns: [&dyn Encode; 3] = [&[1i64, 2, 3], &names, &texts];
    let table = literal::Table::new(&["a", LONG, ""], &columns);
    let literals: [&dyn Encode; 3] = [&(), &1.5, &Symbol::quoted(LONG)];
    let dict = literal::Dict { keys: &names, values: &literal::List(&literals) };
    let statements: [&dyn Encode; 2] = [&Text::from(LONG), &Guid([1; 16])];
    let lambda = literal::Lambda { parameters: &["x", LONG], statements: &statements, closure: None };
    let empty: [&dyn Encode; 4] = [&literal::Symbols(&[]), &literal::Strings(&[]), &[0i64; 0], &Text(b"")];
    let guids = [Guid([7; 16]), Guid([8; 16]), Guid([9; 16])];
    let all: [&dyn Encode; 9] =
        [&table, &dict, &guids, &lambda, &literal::List(&empty), &true, &[true; 40], &names, &texts];
    sent(generation, &literal::List(&all))
}

#[test]
fn tokens_are_the_same_through_any_window() {
    for generation in BOTH {
        let payload = everything(generation);
        let whole = read_whole(generation, &payload);
        assert_eq!(whole.end, Ok(true));
        for window in 16..=200 {
            assert_eq!(read_window(generation, &payload, window), whole, "{window}");
        }
    }
}

#[test]
fn tokens_are_the_same_for_every_split_and_every_portion() {
    for generation in BOTH {
        let payload = everything(generation);
        let whole = read_whole(generation, &payload);
        for split in 1..payload.len() {
            let mut first = Some(split);
            let halves = read(generation, payload.len(), &payload, |_| first.take().unwrap_or(usize::MAX));
            assert_eq!(halves, whole, "{split}");
        }
        for portion in 1..20 {
            assert_eq!(read(generation, payload.len(), &payload, |_| portion), whole, "{portion}");
        }
    }
}

#[test]
fn pieces_hold_what_their_heads_announce() {
    let payload = sent(V3, &literal::List(&[&literal::Symbols(&["a", ""]), &[1i64, 2], &Text(b"xy")]));
    let text = |text: &str| Piece::Text(text.into());
    let expected = [
        Piece::Head(Token::List { count: 3 }),
        Piece::Head(Token::Vector { ty: Type::Symbol, count: 2, attr: 0 }),
        text("a"),
        text(""),
        Piece::Head(Token::Vector { ty: Type::I64, count: 2, attr: 0 }),
        Piece::Elements(unhex("0100000000000000 0200000000000000")),
        Piece::Head(Token::String { len: 2, null: false }),
        text("xy"),
    ];
    assert_eq!(read_whole(V3, &payload).pieces, expected);
}

#[test]
fn elements_read_as_their_type_alone() {
    let payload = sent(V1, &[1i64, -2]);
    let mut decoder = Decoder::new(V1, payload.len() as u64);
    let mut input = &payload[..];
    assert_eq!(decoder.next(&mut input), Ok(Some(Token::Vector { ty: Type::I64, count: 2, attr: 0 })));
    let Ok(Some(Token::Elements(elements))) = decoder.next(&mut input) else { panic!("no elements") };
    assert_eq!((elements.ty(), elements.count(), elements.as_bytes().len()), (Type::I64, 2, 16));
    assert!(elements.read::<i64>().unwrap().iter().map(|wire| wire.get()).eq([1, -2]));
    assert!(elements.read::<f64>().is_err());
}

#[test]
fn the_details_of_an_error_are_pieces_behind_it() {
    let payload = unhex("7f02000000000000000201 00000000000000000000000000000000000000000000");
    for window in [16, 40] {
        let pieces = read_window(V1, &payload, window).pieces;
        let [Piece::Head(Token::Error(error)), Piece::Details(details)] = &pieces[..] else {
            panic!("{pieces:?}")
        };
        assert_eq!((error.number(), &details[..2], details.len()), (Some(2), &[2, 1][..], 24));
    }
}

#[test]
fn a_decoder_knows_how_far_it_is() {
    let payload = sent(V3, &literal::List(&[&1i64, &()]));
    let mut decoder = Decoder::new(V3, payload.len() as u64);
    assert!(!decoder.has_begun());
    let mut input = &payload[..];
    decoder.next(&mut input).unwrap();
    assert_eq!(
        (decoder.has_begun(), decoder.offset(), decoder.left(), decoder.is_done()),
        (true, 10, 11, false)
    );
    assert_eq!(decoder.next(&mut input), Ok(Some(Token::Atom(Value::I64(1)))));
    assert_eq!(decoder.next(&mut input), Ok(Some(Token::Null)));
    assert_eq!((decoder.offset(), decoder.left(), decoder.is_done()), (21, 0, true));
    assert_eq!(decoder.next(&mut input), Ok(None));
}

#[test]
fn input_beyond_the_payload_is_left_alone() {
    let mut bytes = sent(V3, &Symbol::quoted("abc"));
    let len = bytes.len();
    bytes.extend(unhex("fadeface"));
    let mut decoder = Decoder::new(V3, len as u64);
    let mut input = &bytes[..];
    while decoder.next(&mut input).unwrap().is_some() {}
    assert!(decoder.is_done());
    assert_eq!(input, unhex("fadeface"));
}

#[test]
fn a_name_does_not_end_in_the_bytes_of_the_next_frame() {
    let bytes = unhex("f420616263 00");
    let mut decoder = Decoder::new(V3, 5);
    let mut input = &bytes[..];
    assert_eq!(decoder.next(&mut input), Ok(Some(Token::Symbol { quoted: true })));
    assert!(decoder.next(&mut input).is_err());
}
