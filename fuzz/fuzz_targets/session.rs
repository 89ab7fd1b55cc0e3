//! Calls on a connection: see `rayforce_ipc_fuzz::session::session`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| rayforce_ipc_fuzz::session::session(input));

/// Without the fuzzer, tries the files that it is given: `cargo run --bin session -- FILE…`.
#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    for path in std::env::args_os().skip(1) {
        rayforce_ipc_fuzz::session::session(&std::fs::read(&path)?);
        println!("{} holds", path.display());
    }
    Ok(())
}
