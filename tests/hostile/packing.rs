//! Packed payloads that lie (wire 3): the plain length, then runs (`n byte`) and literals (`-n bytes`) of differences.

use rayforce_ipc::client::Options;
use rayforce_ipc::error::Fault;

use super::cases::{Case, Then, play_all, play_all_with};

#[test]
fn packed_payloads_that_lie() {
    let lies = |offset| Then::Confined(Fault::Packing, offset);
    // The tag says that the value is longer than announced.
    let cut = Then::Confined(Fault::UnexpectedEnd { needed: 10, available: 9 }, 0);
    // Ten bytes of an i64 atom: fb 00 03 and zeros, as differences.
    let atom = "fd fb05 03 01 fd 06 00";
    play_all(&[
        Case::packed("no length", "00", lies(0)),
        Case::packed("a length, cut", "0a0000", lies(0)),
        Case::packed("a length of 0", "00000000", lies(0)),
        Case::packed("a length of 0, and bytes", &format!("00000000 {atom}"), lies(0)),
        Case::packed("nothing behind the length", "0a000000", lies(0)),
        Case {
            whole: Some(lies(9)),
            small: Some(lies(0)),
            ..Case::packed("a byte less than the value has", &format!("09000000 {atom}"), cut)
        },
        Case::packed("a byte more than announced", "01000000 fe 7e 82", lies(1)),
        Case::packed("a byte less than announced", &format!("0b000000 {atom}"), lies(10)),
        Case::packed("a run without its byte", "0a000000 fd fb0503 01 fd 06", lies(4)),
        Case::packed("a literal, cut", "0a000000 fb fb05", lies(2)),
        Case::packed("literals of nothing", "0a000000 00000000", lies(0)),
        Case::packed("bytes left over", &format!("0a000000 {atom} 05"), lies(10)),
        Case::packed("a tag that is none", "01000000 ff 32", Then::Confined(Fault::Tag(0x32), 0)),
        Case::packed(
            "a byte behind the value",
            "02000000 fe 7e 82",
            Then::Confined(Fault::TrailingBytes(1), 1),
        ),
        Case::packed("literals of nothing between others", &format!("0a000000 00 00 {atom}"), Then::Passes),
    ]);
}

#[test]
fn packed_payloads_that_are_larger_than_allowed() {
    let large = |len, limit| Then::Confined(Fault::Unpacked { len, limit }, 0);
    let limit = Options::new().unpack_limit;
    // The smallest client asks whether its buffer has room.
    let cases = [
        Case::packed("4 GiB", "ffffffff 7f00", large(u64::from(u32::MAX), limit)).with(false, None),
        Case::packed("a byte above the limit", "01000010 7f00", large(limit + 1, limit)).with(false, None),
    ];
    play_all(&cases);
    let options = Options { unpack_limit: 9, ..Options::new() };
    let case =
        Case::packed("a limit of one's own", "0a000000 fd fb0503 01fd 0600", large(10, 9)).with(false, None);
    play_all_with(&[case], &options);
}
