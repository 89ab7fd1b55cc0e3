//! What `{:?}` shows of a connection and of what borrows it. Not the transport, which need not be `Debug`: sockets of devices
//! often are not, and `unwrap_err` asks for it.

/// `Debug` by the named fields.
macro_rules! debug {
    ($name:ident<$($lifetime:lifetime),*>: $($field:ident)*) => {
        impl<T: Transport> core::fmt::Debug for $name<$($lifetime,)* T> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let mut shown = f.debug_struct(stringify!($name));
                $(shown.field(stringify!($field), &self.$field);)*
                shown.finish_non_exhaustive()
            }
        }
    };
}

/// The same of a push, which is like one of its own.
macro_rules! debug_push {
    () => {
        impl<T: Transport> core::fmt::Debug for Push<'_, '_, T> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self {
                    Push::Message { topic, sequence, payload } => f
                        .debug_struct("Message")
                        .field("topic", topic)
                        .field("sequence", sequence)
                        .field("payload", payload)
                        .finish(),
                    Push::Gap { topic, gap } => {
                        f.debug_struct("Gap").field("topic", topic).field("gap", gap).finish()
                    }
                    Push::Restarted { topic, restarted } => {
                        let mut shown = f.debug_struct("Restarted");
                        shown.field("topic", topic).field("restarted", restarted).finish()
                    }
                    Push::Async(reply) => f.debug_tuple("Async").field(reply).finish(),
                    Push::Question(question) => f.debug_tuple("Question").field(question).finish(),
                }
            }
        }
    };
}

pub(crate) use {debug, debug_push};
