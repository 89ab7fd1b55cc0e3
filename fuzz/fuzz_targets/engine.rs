//! Operations on a pool: see `rayforce_ipc_fuzz::engine::engine`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| rayforce_ipc_fuzz::engine::engine(input));

/// Without the fuzzer, tries the files that it is given: `cargo run --bin engine -- FILE…`.
#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    rayforce_ipc_fuzz::replay(rayforce_ipc_fuzz::engine::engine)
}
