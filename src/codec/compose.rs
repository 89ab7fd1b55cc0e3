//! The writer's containers: each is begun here, and what it holds is written behind it.

use crate::codec::window::Window;
use crate::codec::writer::Writer;
use crate::error::RequestError;
use crate::wire::mark::Mark;
use crate::wire::server_error::Code;
use crate::wire::tag::{ATTR_CLOSURE, ATTR_TABLE_NAMES, ERROR_RECORD_BODY_LEN};
use crate::wire::{Generation, ServerError, Tag, Type};

impl Writer<'_> {
    /// A list; `count` values follow.
    pub fn list(&mut self, count: usize) {
        self.counted(const { Mark::new(Tag::List) }, count, count);
    }

    /// A list of values that are had by their index. A request costs the same for any window only if its long lists
    /// are written by this.
    pub fn list_with(&mut self, count: usize, value: impl Fn(&mut Writer<'_>, usize)) {
        self.list(count);
        let Some(window) = self.window() else {
            return (0..self.worthwhile(count)).for_each(|index| value(self, index));
        };
        let Some(sequence) = window.begin_sequence(count) else { return };
        for index in sequence.start..count {
            if self.window().is_some_and(|window| !window.begin_element(&sequence, index)) {
                break;
            }
            value(self, index);
        }
        if let Some(window) = self.window() {
            window.end_sequence(&sequence);
        }
    }

    fn window(&mut self) -> Option<&mut Window> {
        self.windows.as_mut()?.window()
    }

    /// A table and its column names; as many columns follow.
    pub fn table<'n>(&mut self, count: usize, name: impl Fn(usize) -> &'n [u8]) {
        self.begin_table(count);
        self.names(count, name);
        self.list(count);
    }

    /// A dict; keys and values follow.
    pub fn dict(&mut self) {
        self.begin(const { Mark::new(Tag::Dict) }, 2);
        self.raw(&[0]);
    }

    /// A lambda; parameters and body follow, then the closure where there is one (2.4.0).
    pub fn lambda(&mut self, closure: bool) {
        if closure && self.generation == Generation::V1 {
            self.fail(RequestError::Unsupported { tag: Tag::Lambda, generation: self.generation });
        }
        self.begin(const { Mark::new(Tag::Lambda) }, if closure { 3 } else { 2 });
        self.raw(&[if closure { ATTR_CLOSURE } else { 0 }]);
    }

    /// An error, as the answer to a server's question. Each dialect has its own shape: an error that came from one
    /// generation cannot be sent to the other. After one of dialect 1a its message follows.
    pub fn error(&mut self, error: &ServerError) {
        self.error_with(error, &error.detail());
    }

    /// The same with the details of dialect 1b as they came, of which a [`ServerError`] keeps the first.
    pub(crate) fn error_with(&mut self, error: &ServerError, details: &[u8]) {
        if error.generation() != self.generation {
            self.fail(RequestError::Unsupported { tag: Tag::Error, generation: self.generation });
        }
        self.begin(const { Mark::new(Tag::Error) }, usize::from(error.has_message()));
        match error.raw_code() {
            Code::Name(name) => self.raw(&name),
            Code::Text(code) => self.raw(&[code]),
            Code::Record(code) => {
                self.raw(&[code, 0, 0, 0, 0, 0, 0, 0]);
                let mut body = [0; ERROR_RECORD_BODY_LEN];
                for (target, byte) in body.iter_mut().zip(details) {
                    *target = *byte;
                }
                self.raw(&body);
            }
        }
    }

    /// A table and its checked column names, each ended by its NUL; the list of columns follows.
    pub(crate) fn table_named(&mut self, count: usize, names: &[u8]) {
        self.begin_table(count);
        self.raw(names);
    }

    fn begin_table(&mut self, count: usize) {
        self.begin(const { Mark::new(Tag::Table) }, 2);
        self.raw(&[0]);
        self.counted_with(const { Mark::new(Tag::Vector(Type::Symbol)) }, count, 0, 0, &mut || {
            ATTR_TABLE_NAMES
        });
    }
}
