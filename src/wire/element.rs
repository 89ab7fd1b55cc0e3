//! The types whose elements all have the same width: little-endian image, null sentinel.
//!
//! The null of an integer-like type is its most negative value, of a float a NaN, of a guid sixteen zero bytes;
//! bool and u8 have none. Seen on all servers.

use core::fmt;

use zerocopy::little_endian as le;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::wire::{Date, Time, Timespan, Timestamp, Type};

/// A type of fixed width that vectors are made of: bool, u8, i16, i32, i64, f32, f64, [`Date`], [`Time`],
/// [`Timestamp`], [`Timespan`] and [`Guid`]. Sealed: the wire knows no others.
pub trait Element: Copy + Immutable + IntoBytes + Send + Sync + sealed::Sealed + 'static {
    /// The same as it lies in a payload: little-endian, alignment 1.
    type Wire: Copy + FromBytes + Immutable + IntoBytes + KnownLayout + Unaligned + fmt::Debug;

    /// What the tag says.
    const TYPE: Type;

    /// The null sentinel, for the types that have one.
    const NULL: Option<Self>;

    /// From the payload's bytes. Any bytes make a value: a bool is true where they are not zero.
    fn from_wire(wire: Self::Wire) -> Self;

    /// To the payload's bytes.
    fn to_wire(self) -> Self::Wire;

    /// Whether it is the sentinel; for floats, whether it is any NaN.
    fn is_null(self) -> bool;
}

/// Sixteen bytes in the order in which they are written in text. All zero is null.
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd, FromBytes, Immutable, IntoBytes)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(transparent)]
pub struct Guid(pub [u8; 16]);

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guid({self})")
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl Type {
    /// The null sentinel of a type of up to eight bytes that has one: the number that its bytes are, in the highest ones of
    /// eight.
    #[inline]
    pub(crate) const fn null_top(self) -> Option<u64> {
        let high = match self {
            Type::Bool | Type::U8 | Type::Char | Type::Guid | Type::Symbol | Type::String => return None,
            Type::F32 => F32_NULL,
            Type::F64 => (F64_NULL >> u32::BITS) as u32,
            Type::I16
            | Type::I32
            | Type::Date
            | Type::Time
            | Type::I64
            | Type::Timestamp
            | Type::Timespan => i32::MIN.cast_unsigned(),
        };
        Some((high as u64) << u32::BITS)
    }
}

mod sealed {
    pub trait Sealed {}
}

/// By its bits on a small processor, for which comparing floats is a call and not an instruction.
#[inline]
const fn f32_is_nan(value: f32) -> bool {
    if cfg!(target_pointer_width = "64") {
        value.is_nan()
    } else {
        value.to_bits() << 1 > f32::INFINITY.to_bits() << 1
    }
}

/// The same of 64 bits.
#[inline]
const fn f64_is_nan(value: f64) -> bool {
    if cfg!(target_pointer_width = "64") {
        value.is_nan()
    } else {
        value.to_bits() << 1 > f64::INFINITY.to_bits() << 1
    }
}

macro_rules! element {
    ($ty:ty, $wire:ty, $tag:ident, $null:expr, $from:expr, $to:expr, $is_null:expr) => {
        impl sealed::Sealed for $ty {}

        impl Element for $ty {
            type Wire = $wire;
            const TYPE: Type = Type::$tag;
            const NULL: Option<Self> = $null;

            #[inline]
            fn from_wire(wire: $wire) -> Self {
                $from(wire)
            }

            #[inline]
            fn to_wire(self) -> $wire {
                $to(self)
            }

            #[inline]
            fn is_null(self) -> bool {
                $is_null(self)
            }
        }
    };
}

element!(bool, u8, Bool, None, |wire| wire != 0, u8::from, |_| false);
element!(u8, u8, U8, None, |wire| wire, |value| value, |_| false);
element!(i16, le::I16, I16, Some(i16::MIN), le::I16::get, le::I16::new, |value| value == i16::MIN);
element!(i32, le::I32, I32, Some(i32::MIN), le::I32::get, le::I32::new, |value| value == i32::MIN);
element!(i64, le::I64, I64, Some(i64::MIN), le::I64::get, le::I64::new, |value| value == i64::MIN);
element!(f32, le::F32, F32, Some(f32::from_bits(F32_NULL)), le::F32::get, le::F32::new, f32_is_nan);
element!(f64, le::F64, F64, Some(f64::from_bits(F64_NULL)), le::F64::get, le::F64::new, f64_is_nan);
element!(
    Date,
    le::I32,
    Date,
    Some(Date::NULL),
    |wire: le::I32| Date(wire.get()),
    |value: Date| value.0.into(),
    |value| value == Date::NULL
);
element!(
    Time,
    le::I32,
    Time,
    Some(Time::NULL),
    |wire: le::I32| Time(wire.get()),
    |value: Time| value.0.into(),
    |value| value == Time::NULL
);
element!(
    Timestamp,
    le::I64,
    Timestamp,
    Some(Timestamp::NULL),
    |wire: le::I64| Timestamp(wire.get()),
    |value: Timestamp| value.0.into(),
    |value| value == Timestamp::NULL
);
element!(
    Timespan,
    le::I64,
    Timespan,
    Some(Timespan::NULL),
    |wire: le::I64| Timespan(wire.get()),
    |value: Timespan| value.0.into(),
    |value| value == Timespan::NULL
);
element!(Guid, [u8; 16], Guid, Some(Guid([0; 16])), Guid, |value: Guid| value.0, |value| value
    == Guid([0; 16]));

const F32_NULL: u32 = 0x7fc0_0000;
const F64_NULL: u64 = 0x7ff8_0000_0000_0000;

#[cfg(test)]
mod tests {
    use super::*;

    fn bits<T: Element>() -> Option<u64> {
        let null = T::NULL?;
        let mut bytes = [0; 8];
        bytes[8 - size_of::<T>()..].copy_from_slice(null.to_wire().as_bytes());
        Some(u64::from_le_bytes(bytes))
    }

    #[test]
    fn the_null_of_a_type_is_that_of_its_elements() {
        let of_elements = [
            (bool::TYPE, bits::<bool>()),
            (u8::TYPE, bits::<u8>()),
            (i16::TYPE, bits::<i16>()),
            (i32::TYPE, bits::<i32>()),
            (i64::TYPE, bits::<i64>()),
            (f32::TYPE, bits::<f32>()),
            (f64::TYPE, bits::<f64>()),
            (Date::TYPE, bits::<Date>()),
            (Time::TYPE, bits::<Time>()),
            (Timestamp::TYPE, bits::<Timestamp>()),
            (Timespan::TYPE, bits::<Timespan>()),
        ];
        for (ty, null) in of_elements {
            assert_eq!(ty.null_top(), null, "{ty:?}");
        }
    }
}
