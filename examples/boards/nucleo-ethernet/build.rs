//! Names the linker's scripts. `memory.x` comes from the chip's crate.

fn main() {
    for argument in ["--nmagic", "-Tlink.x"] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
