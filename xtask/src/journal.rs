//! The journal of a server.

use std::fs::File;
use std::path::Path;

/// What a server's journal is called, in its working directory.
pub(crate) const NAME: &str = "journal";

/// Cuts a journal off behind its last whole entry, as a server demands that was killed while it wrote one and is to be started
/// again. Whether `log` has such a demand that could be met. (Nobody has an answer to the request of a torn entry.)
pub(crate) fn mend(directory: &Path, log: &str) -> bool {
    let Some(valid_len) = valid_len(log) else { return false };
    let journal = File::options().write(true).open(directory.join(NAME).with_extension("log"));
    journal.and_then(|journal| journal.set_len(valid_len)).is_ok()
}

/// The length that the last demand in a log names.
fn valid_len(log: &str) -> Option<u64> {
    let line = log.lines().rfind(|line| line.contains("badtail"))?;
    let (_, len) = line.split_once("valid bytes = ")?;
    len.trim_end().trim_end_matches(')').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demand_of_2_4_0_is_understood() {
        let log = "\
log: WARN  chunk 0 raised: name (during replay)
log: ERROR badtail in journal.log after 5787 entries (valid bytes = 13824254)
log: hint: truncate the file at offset 13824254 to recover the
log:       valid prefix, then restart
log: open failed for base=journal (rc=6)
";
        assert_eq!(valid_len(log), Some(13_824_254));
        assert_eq!(valid_len("failed to listen on *:60921: Address already in use\n"), None);
        assert_eq!(valid_len(""), None);
    }
}
