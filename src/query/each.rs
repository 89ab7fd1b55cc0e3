//! An array of structs, by the fields of its structs.

use crate::codec::Writer;
use crate::query::cell::Cell;
use crate::query::data::{Data, Fields, begin_named_rows, begin_rows, data};

/// The columns of an array of structs, which are added by [`field`](Each::field). Nothing is copied: each value is taken
/// when it is written.
///
/// ```
/// use rayforce_ipc::query::{each, table};
///
/// struct Reading {
///     sensor: &'static str,
///     celsius: f32,
/// }
///
/// let readings = [Reading { sensor: "oven", celsius: 180.5 }, Reading { sensor: "fridge", celsius: 4.0 }];
/// let insert = table("readings").insert(each(&readings).field(|r| r.sensor).field(|r| f64::from(r.celsius)));
/// # let mut payload = [0; 512];
/// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &insert, &mut payload)?;
/// # Ok::<(), rayforce_ipc::error::RequestError>(())
/// ```
pub const fn each<S: Sync>(structs: &[S]) -> Each<'_, S, ()> {
    Each { structs, fields: () }
}

/// What [`each`] makes.
#[derive(Debug)]
pub struct Each<'a, S, F> {
    structs: &'a [S],
    fields: F,
}

impl<'a, S: Sync, F> Each<'a, S, F> {
    /// A column of what a closure makes of each struct: a [`Cell`]; one of another width by [`exact`](crate::query::exact).
    pub fn field<C: Cell, G: Fn(&'a S) -> C + Sync>(self, field: G) -> Each<'a, S, (F, Getter<G>)> {
        Each { structs: self.structs, fields: (self.fields, Getter(field)) }
    }
}

impl<S, F: Clone> Clone for Each<'_, S, F> {
    fn clone(&self) -> Self {
        Each { structs: self.structs, fields: self.fields.clone() }
    }
}

impl<S, F: Copy> Copy for Each<'_, S, F> {}

/// What gets a field of a struct.
#[derive(Clone, Copy, Debug)]
pub struct Getter<F>(F);

/// One column of an array of structs.
#[doc(hidden)]
pub trait FieldOf<'a, S>: Sync {
    const IS_SPOILT: bool;

    fn write(&self, structs: &'a [S], writer: &mut Writer<'_>, as_literals: bool);
}

/// The columns of an array of structs.
#[doc(hidden)]
pub trait FieldsOf<'a, S>: Sync {
    const WIDTH: usize;
    const IS_SPOILT: bool;

    fn write(&self, structs: &'a [S], writer: &mut Writer<'_>, as_literals: bool);
}

impl<'a, S: Sync + 'a, C: Cell, F: Fn(&'a S) -> C + Sync> FieldOf<'a, S> for Getter<F> {
    const IS_SPOILT: bool = C::IS_SPOILT;

    fn write(&self, structs: &'a [S], writer: &mut Writer<'_>, as_literals: bool) {
        writer.set_literal(as_literals);
        C::write_cells(writer, structs.len(), |index| structs.get(index).map(&self.0));
    }
}

impl<S> FieldsOf<'_, S> for () {
    const WIDTH: usize = 0;
    const IS_SPOILT: bool = false;

    fn write(&self, _: &[S], _: &mut Writer<'_>, _: bool) {}
}

impl<'a, S, F: FieldsOf<'a, S>, G: FieldOf<'a, S>> FieldsOf<'a, S> for (F, G) {
    const WIDTH: usize = F::WIDTH + 1;
    const IS_SPOILT: bool = F::IS_SPOILT || G::IS_SPOILT;

    fn write(&self, structs: &'a [S], writer: &mut Writer<'_>, as_literals: bool) {
        self.0.write(structs, writer, as_literals);
        self.1.write(structs, writer, as_literals);
    }
}

impl<'a, S: Sync, F: FieldsOf<'a, S>> Fields for Each<'a, S, F> {
    fn width(&self) -> usize {
        F::WIDTH
    }

    fn write(&self, writer: &mut Writer<'_>, as_literals: bool) {
        self.fields.write(self.structs, writer, as_literals);
    }
}

data!(('a, S: Sync, F: FieldsOf<'a, S>) Each<'a, S, F>, Some(F::WIDTH), F::IS_SPOILT);
