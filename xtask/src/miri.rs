//! `cargo xtask miri`: codec, session and engine interpreted, on hosts of other widths and byte orders.

use std::path::Path;

use crate::line::Line;
use crate::steps::{Outcome, has_rustup, has_toolchain};

/// 64 bits, 32 bits, and the other byte order.
const TARGETS: [&str; 3] = ["x86_64-unknown-linux-gnu", "i686-unknown-linux-gnu", "s390x-unknown-linux-gnu"];

/// Tests that do no I/O: those of the library itself, and those of the crate by their names in `miri/Cargo.toml`.
const WHOLE: [&str; 3] = [
    "--lib --test codec --test frames",
    "--test columns --test pool --test session",
    "--test query --test windows",
];

/// Tests that try all that there is, and take seconds when they are compiled: hours, interpreted. What they hold is tried on
/// some of it by the others, and by the properties.
const ENDLESS: [&str; 69] = [
    "client::backoff::tests::ten_thousand_attempts_overflow_nothing",
    "client::backoff::tests::the_lot_reaches_both_ends",
    "client::backoff::tests::waits_double_from_half_to_whole_up_to_the_greatest",
    "client::outgoing::packer::tests::a_window_fits_packed_behind_the_head",
    "client::topics::envelope::tests::no_changed_byte_makes_a_wrong_message",
    "client::topics::numbering::tests::any_numbers_are_reported_once_and_in_order",
    "client::topics::numbering::tests::within_a_numbering_each_publication_is_delivered_or_reported_once",
    "codec::hostile::two_hundred_thousand_nested_dicts_are_read_and_shown",
    "codec::hostile::two_hundred_thousand_nested_errors_are_read_and_shown",
    "codec::hostile::two_hundred_thousand_nested_lists_are_read_and_shown",
    "codec::scan::tests::names_are_counted_as_by_hand",
    "codec::tokens::tokens_are_the_same_for_every_split_and_every_portion",
    "columns::frames::every_column_has_its_tokens",
    "columns::frames::every_frame_has_the_columns_of_its_value_through_any_buffer",
    "columns::frames::small_frames_have_their_columns_however_the_stream_is_cut",
    "columns::frames::what_is_packed_is_unpacked",
    "columns::hostile::a_payload_may_end_anywhere",
    "columns::hostile::every_byte_of_small_frames_can_be_any_other",
    "columns::names::names_are_had_where_they_fit_with_32_bytes_more",
    "columns::names::names_that_are_packed_to_a_part_of_their_length_leave_room_to_go_on",
    "columns::owned::every_frame_is_the_value_that_it_is_in_the_receive_buffer",
    "columns::skipped::any_subset_of_the_columns_can_be_passed_over",
    "columns::skipped::the_rest_of_a_reply_is_read_away_wherever_it_is_left",
    "columns::texts::a_text_that_is_too_long_is_passed_over_and_said_to_be",
    "damaged_payloads_are_refused_as_by_the_other_client",
    "every_captured_frame_is_had_in_portions_of_any_size",
    "pool::asynch::threads::eight_threads_on_two_slots_lose_none",
    "pool::waiting::who_waits_in_vain_is_told_after_the_limit",
    "query::data::data_goes_out_through_a_window_of_any_size",
    "query::random::any_window_sends_the_same",
    "query::random::the_tree_that_arrives_is_the_tree_that_was_built",
    "query::refusals::calls_nested_deeper_than_servers_read_are_refused",
    "query::texts::text_travels_as_a_value_of_its_own",
    "session::bare::real_conversations_go_through_byte_by_byte",
    "session::bare::real_conversations_go_through_however_the_bytes_are_cut",
    "session::fronts::real_conversations_go_through_byte_by_byte_and_with_interruptions",
    "session::fronts::real_conversations_go_through_however_the_bytes_are_cut",
    "session::packed::packed_replies_are_values_where_the_plain_payload_fits_with_sixteen_bytes_more",
    "session::packed::packed_replies_have_the_tokens_of_their_plain_payload_through_any_buffer",
    "session::packed::packed_replies_that_are_left_unread_are_read_away",
    "session::packed::packed_replies_that_are_too_large_for_a_value_are_read_by_tokens_all_the_same",
    "session::packed_pushes::a_packed_envelope_is_recognised_whatever_comes_along_behind_it",
    "session::packed_pushes::packed_publications_are_values_wherever_their_envelope_and_payload_find_room",
    "session::packing::every_real_value_is_packed_to_its_plain_bytes",
    "session::packing::packed_requests_go_out_however_their_bytes_are_cut",
    "session::packing::real_packed_frames_are_packed_again_to_the_same_plain_bytes",
    "session::packing::what_is_packed_in_here_is_unpacked_in_here",
    "session::unpacking::a_payload_too_short_for_its_plain_length_is_a_fault",
    "session::unpacking::a_plain_length_above_256_mib_is_a_fault_unless_more_was_chosen",
    "session::unpacking::a_plain_length_above_the_chosen_limit_is_a_fault",
    "session::unpacking::a_plain_length_of_nothing_is_a_fault",
    "session::unpacking::a_run_or_literal_across_the_announced_length_is_a_fault",
    "session::unpacking::an_error_value_with_packed_bytes_behind_it_is_a_fault",
    "session::unpacking::literals_of_any_length_are_unpacked",
    "session::unpacking::literals_of_no_length_are_passed_over",
    "session::unpacking::literals_of_no_length_behind_the_announced_length_are_passed_over",
    "session::unpacking::packed_bytes_behind_the_announced_length_are_a_fault",
    "session::unpacking::packed_bytes_that_end_before_the_announced_length_are_a_fault",
    "session::unpacking::runs_of_any_length_are_unpacked",
    "session::unpacking::what_comes_behind_the_announced_length_does_not_matter_where_it_is_read_away",
    "windows::bytes::containers_are_the_same_through_any_window",
    "windows::bytes::received_values_are_the_same_through_any_window",
    "windows::bytes::sequences_inside_sequences_are_the_same_through_any_window",
    "windows::bytes::symbols_and_strings_are_the_same_through_any_window",
    "windows::bytes::vectors_are_the_same_through_any_window",
    "windows::visits::values_of_a_sequence_are_asked_for_a_few_times_each",
    "wire::deflate::tests::few_bytes_come_back_through_any_window",
    "wire::deflate::tests::runs_and_literals_of_any_length_come_back_through_any_window",
    "wire::temporal::tests::every_day_of_a_thousand_years_comes_back",
];

/// Tests that ask for more than there is: the interpreter gives up where a heap refuses.
const IMPOSSIBLE: [&str; 1] = ["columns::owned::no_more_is_reserved_than_the_heap_has"];

/// What is interpreted in a step of `cargo xtask test`, on the target where most would break.
const SHORT: &str = "--lib";
/// What of it takes longest, and has little to do with the order of bytes.
const SHORT_SKIPPED: [&str; 4] =
    ["client::backoff", "client::topics::numbering", "wire::deflate", "any_window_gives"];

/// Everything, on each target.
pub fn whole() -> Result<Outcome, String> {
    with_miri(|| {
        for target in TARGETS {
            WHOLE.iter().try_for_each(|tests| interpreted(target, tests, &[]))?;
            properties(target)?;
        }
        Ok(())
    })
}

/// The unit tests on the target with the other byte order.
pub fn short() -> Result<Outcome, String> {
    with_miri(|| interpreted("s390x-unknown-linux-gnu", SHORT, &SHORT_SKIPPED))
}

fn with_miri(run: impl FnOnce() -> Result<(), String>) -> Result<Outcome, String> {
    if !has_toolchain("nightly") {
        return Ok(Outcome::NotRun("a nightly Rust is not installed and cannot be".to_owned()));
    }
    if !has_miri() {
        return Ok(Outcome::NotRun("Miri is not installed and cannot be".to_owned()));
    }
    run().map(|()| Outcome::Passed)
}

fn has_miri() -> bool {
    let there = || {
        let source = Line::new("rustc +nightly --print sysroot").output();
        let source = source.map(|root| Path::new(root.trim()).join("lib/rustlib/src/rust/library"));
        source.is_ok_and(|source| source.is_dir()) && Line::new("cargo +nightly miri --version").succeeds()
    };
    there()
        || (has_rustup()
            && Line::new("rustup component add miri rust-src --toolchain nightly").run().is_ok()
            && there())
}

fn interpreted(target: &str, tests: &str, skipped: &[&str]) -> Result<(), String> {
    let skipped: String =
        ENDLESS.iter().chain(&IMPOSSIBLE).chain(skipped).map(|name| format!(" --skip {name}")).collect();
    miri(&format!(
        "cargo +nightly miri test --manifest-path miri/Cargo.toml --target {target} {tests} --{skipped}"
    ))
}

fn properties(target: &str) -> Result<(), String> {
    miri(&format!("cargo +nightly miri test --manifest-path fuzz/Cargo.toml --target {target} --test random"))
}

fn miri(line: &str) -> Result<(), String> {
    // The tests read their vectors, and the time.
    Line::new(line).variable("MIRIFLAGS", "-Zmiri-disable-isolation").run()
}
