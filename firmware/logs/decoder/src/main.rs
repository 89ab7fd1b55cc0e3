//! Reads the records of defmt from standard input and prints each as a line: its level and its text. The argument is the
//! program that wrote them. Ends with an error where a record is broken.

use std::error::Error;
use std::io::{self, Read as _, Write as _};
use std::{env, fs};

use defmt_decoder::{DecodeError, Table};

fn main() -> Result<(), Box<dyn Error>> {
    let program = env::args_os().nth(1).ok_or("usage: decoder PROGRAM < RECORDS")?;
    let table = Table::parse(&fs::read(program)?)?.ok_or("the program has no records of defmt")?;
    let mut records = Vec::new();
    io::stdin().read_to_end(&mut records)?;
    let mut decoder = table.new_stream_decoder();
    decoder.received(&records);
    let mut out = io::stdout().lock();
    loop {
        match decoder.decode() {
            Ok(frame) => {
                let level = frame.level().map_or("print", |level| level.as_str());
                writeln!(out, "{level} {}", frame.display_message())?;
            }
            // Nothing is left.
            Err(DecodeError::UnexpectedEof) => return Ok(()),
            Err(DecodeError::Malformed) => return Err("a record is broken".into()),
        }
    }
}
