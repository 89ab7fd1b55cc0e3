//! One suite of scripts for the bare session, the blocking and the async front: what a server hears and says, what the
//! client calls, and what each call gives. Each runs through small and large buffers, cut at every byte, and on the
//! async front with every call given up at every wait.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code)] // Without the async front no call is given up.

mod support;

mod scripts {
    mod bare;
    mod fronts;
    mod perform;
    mod scene;
    mod scenes;
    mod words;

    #[cfg(feature = "async")]
    mod dropped;
    #[cfg(feature = "async")]
    mod futures;
    #[cfg(feature = "async")]
    mod model;
}
