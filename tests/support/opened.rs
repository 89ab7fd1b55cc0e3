//! A session that has shaken hands. The fuzz target uses it, too.

use rayforce_ipc::client::{Progress, Session};
use rayforce_ipc::wire::Generation;

/// Shakes hands with a server of the generation.
///
/// # Panics
/// Where the session does not go along.
pub fn open(session: &mut Session<'_>, generation: Generation) {
    session.open(Some(generation)).expect("memory enough");
    let opening = session.opening();
    while let count @ 1.. = session.transmit(&opening).expect("an opening").len() {
        session.sent(count);
    }
    let answer: &[u8] = match generation {
        Generation::V1 => &[1],
        Generation::V3 => &[3, 0],
    };
    session.receive_window()[..answer.len()].copy_from_slice(answer);
    session.received(answer.len());
    assert_eq!(session.poll(), Ok(Progress::Ready));
}
