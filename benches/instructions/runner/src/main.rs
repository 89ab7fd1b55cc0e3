//! What runs the measures under valgrind. It is a program of this workspace so that its version is that of the library:
//! they talk in a form that no other version understands.

use std::process::ExitCode;

fn main() -> ExitCode {
    match gungraun_runner::runner::run::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:?}");
            ExitCode::FAILURE
        }
    }
}
