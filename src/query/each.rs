//! An array of structs, by the fields of its structs.

use crate::query::data::{Cell, Content, Data, Field, Fields};

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
#[derive(Clone, Copy, Debug)]
pub struct Each<'a, S, F> {
    structs: &'a [S],
    fields: F,
}

impl<'a, S: Sync, F> Each<'a, S, F> {
    /// A column of what a closure makes of each struct: a [`Cell`]; one of another width by [`exact`](crate::query::exact).
    pub fn field<C: Cell>(self, field: impl Fn(&'a S) -> C + Sync) -> Each<'a, S, (F, impl FieldOf<'a, S>)> {
        Each { structs: self.structs, fields: (self.fields, Getter(field)) }
    }
}

/// One column of an array of structs.
#[doc(hidden)]
pub trait FieldOf<'a, S>: Sync {
    fn visit(&self, structs: &'a [S], visit: &mut dyn FnMut(&dyn Field));
}

/// The columns of an array of structs.
#[doc(hidden)]
pub trait FieldsOf<'a, S>: Sync {
    const WIDTH: usize;

    fn each(&self, structs: &'a [S], visit: &mut dyn FnMut(&dyn Field));
}

struct Getter<F>(F);

impl<'a, S: Sync, C: Cell, F: Fn(&'a S) -> C + Sync> FieldOf<'a, S> for Getter<F>
where
    S: 'a,
{
    fn visit(&self, structs: &'a [S], visit: &mut dyn FnMut(&dyn Field)) {
        visit(&crate::query::data::by_index(structs.len(), |index| structs.get(index).map(&self.0)));
    }
}

impl<S> FieldsOf<'_, S> for () {
    const WIDTH: usize = 0;

    fn each(&self, _: &[S], _: &mut dyn FnMut(&dyn Field)) {}
}

impl<'a, S, F: FieldsOf<'a, S>, G: FieldOf<'a, S>> FieldsOf<'a, S> for (F, G) {
    const WIDTH: usize = F::WIDTH + 1;

    fn each(&self, structs: &'a [S], visit: &mut dyn FnMut(&dyn Field)) {
        self.0.each(structs, visit);
        self.1.visit(structs, visit);
    }
}

impl<'a, S: Sync, F: FieldsOf<'a, S>> Fields for Each<'a, S, F> {
    fn width(&self) -> usize {
        F::WIDTH
    }

    fn each(&self, visit: &mut dyn FnMut(&dyn Field)) {
        self.fields.each(self.structs, visit);
    }
}

impl<'a, S: Sync, F: FieldsOf<'a, S>> Data for Each<'a, S, F> {
    const WIDTH: Option<usize> = Some(F::WIDTH);

    fn content(&self) -> Content<'_> {
        Content::Fields(self)
    }
}
