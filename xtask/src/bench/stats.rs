//! Medians and quartiles.

/// Of some numbers: a quarter of them is below the first, half below the second, a quarter above the third.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quartiles {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Quartiles {
    /// Of no numbers at all there are none.
    pub fn of(mut numbers: Vec<f64>) -> Option<Quartiles> {
        numbers.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = share * numbers.len().checked_sub(1)? as f64;
            let (below, above) = (numbers.get(place.floor() as usize)?, numbers.get(place.ceil() as usize)?);
            Some(below + (above - below) * place.fract())
        };
        Some(Quartiles { low: at(0.25)?, median: at(0.5)?, high: at(0.75)? })
    }
}

/// An order that is another one each time: what was done before leaves a machine in one state or another.
pub struct Orders(u32);

impl Orders {
    pub fn new() -> Orders {
        Orders(7)
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            items.swap(at, (self.0 >> 16) as usize % (at + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_lie_between_numbers() {
        let of = |numbers: &[f64]| Quartiles::of(numbers.to_vec());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[2.0]), Some(Quartiles { low: 2.0, median: 2.0, high: 2.0 }));
        assert_eq!(of(&[5.0, 1.0, 3.0, 2.0, 4.0]), Some(Quartiles { low: 2.0, median: 3.0, high: 4.0 }));
        assert_eq!(of(&[1.0, 2.0, 3.0, 4.0]), Some(Quartiles { low: 1.75, median: 2.5, high: 3.25 }));
    }

    #[test]
    fn every_order_comes_up() {
        let mut orders = Orders::new();
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..100 {
            let mut items = [0, 1, 2];
            orders.shuffle(&mut items);
            seen.insert(items);
        }
        assert_eq!(seen.len(), 6);
    }
}
