//! The library of clang, which makes bindings of C headers.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::wheel::{create_dir, lock, pip_install};

/// Where it was put, when the system has none: it comes out of the wheel `libclang` (24 MB), once (`target/tools/libclang`).
///
/// # Errors
///
/// No pip, or a download that failed.
pub fn directory() -> Result<Option<PathBuf>, Error> {
    if std::env::var_os("LIBCLANG_PATH").is_some() || SYSTEM.iter().any(|path| has_library(Path::new(path))) {
        return Ok(None);
    }
    let tools = crate::root().join("target").join("tools");
    let place = tools.join("libclang");
    let native = place.join("clang").join("native");
    create_dir(&tools)?;
    let _lock = lock(&tools.join("lock"))?;
    if !has_library(&native) {
        eprintln!("fetching libclang {VERSION}");
        pip_install(&format!("libclang=={VERSION}"), &place)?;
    }
    Ok(Some(native))
}

fn has_library(directory: &Path) -> bool {
    let names = std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.into_iter().any(|name| {
        let name = name.to_string_lossy();
        let is_numbered =
            name.strip_prefix("libclang-").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        name.starts_with("libclang.so") || is_numbered || name == "libclang.dylib"
    })
}

const VERSION: &str = "18.1.1";
const SYSTEM: [&str; 6] = [
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/lib",
    "/usr/lib/llvm-14/lib",
    "/Library/Developer/CommandLineTools/usr/lib",
];
