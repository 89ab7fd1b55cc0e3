//! Horizontal bars on a logarithmic axis, one for each client, in units of the base.

use std::fmt::Write as _;

use super::measures::{Place, Subject};
use super::results::Results;
use super::run::{Figure, Row};
use super::stats::Quartiles;

/// The plots, by the names of their files.
pub fn all(results: &Results) -> Vec<(&'static str, String)> {
    let of = |is_memory: bool| -> Vec<&Row> {
        results.rows.iter().filter(|row| (row.measure.place == Place::Memory) == is_memory).collect()
    };
    vec![
        ("network", plot("Time over TCP, in units of a bare socket", &of(false), Row::time)),
        (
            "processor",
            plot("Processor time of the client, in units of a bare socket", &of(false), |_, f| f.cpu),
        ),
        (
            "memory",
            plot(
                "Processor time in memory, in units of a memcpy (coder: of the official one)",
                &of(true),
                Row::time,
            ),
        ),
    ]
}

fn plot(title: &str, rows: &[&Row], ratio: fn(&Row, &Figure) -> Quartiles) -> String {
    let figures = || rows.iter().flat_map(|row| row.figures.iter().map(|figure| ratio(row, figure)));
    let axis = Axis::of(figures());
    let height = rows.iter().map(|row| row_height(row)).sum::<f64>();
    let bottom = TOP + height;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"{INK}\">\n<title>{title}</title>\n<text x=\"12\" y=\"20\" font-size=\"14\">{title}</text>\n",
        bottom + 30.0
    );
    legend(&mut svg, rows);
    for power in axis.low..=axis.high {
        let value = 10f64.powi(power);
        let x = axis.x(value);
        let width = if power == 0 { 1.5 } else { 0.5 };
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\" stroke=\"{INK}\" stroke-width=\"{width}\"/>\n\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{value}</text>",
            bottom + 16.0
        );
    }
    let mut y = TOP;
    for row in rows {
        let middle = y + row_height(row) / 2.0 + 4.0;
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{middle:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            row.measure.name
        );
        let mut at = y + GAP / 2.0;
        for figure in &row.figures {
            bar(&mut svg, &axis, at, figure.subject, ratio(row, figure));
            at += BAR;
        }
        y += row_height(row);
    }
    svg.push_str("</svg>\n");
    svg
}

/// From 1 to the median, with a line from quartile to quartile and the number behind.
fn bar(svg: &mut String, axis: &Axis, y: f64, subject: Subject, ratio: Quartiles) {
    let (one, median) = (axis.x(1.0), axis.x(ratio.median));
    let (from, to) = (one.min(median), one.max(median));
    let (low, high) = (axis.x(ratio.low), axis.x(ratio.high));
    let (height, middle) = (BAR - 3.0, y + (BAR - 3.0) / 2.0);
    let digits = if ratio.median < 10.0 { 2 } else { 0 };
    let _ = writeln!(
        svg,
        "<rect x=\"{from:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{}\"/>\n\
         <line x1=\"{low:.1}\" y1=\"{middle:.1}\" x2=\"{high:.1}\" y2=\"{middle:.1}\" stroke=\"{INK}\"/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"10\">{:.digits$}</text>",
        (to - from).max(1.0),
        colour(subject),
        to.max(high) + 4.0,
        middle + 3.5,
        ratio.median
    );
}

fn legend(svg: &mut String, rows: &[&Row]) {
    let mut x = LEFT;
    for subject in
        Subject::ALL.into_iter().filter(|subject| rows.iter().any(|row| row.of(*subject).is_some()))
    {
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"30\" width=\"10\" height=\"10\" fill=\"{}\"/><text x=\"{}\" y=\"39\">{}</text>",
            colour(subject),
            x + 14.0,
            subject.name()
        );
        x += 140.0;
    }
}

/// Powers of ten from left to right.
struct Axis {
    low: i32,
    high: i32,
}

impl Axis {
    /// With room for all of them, and 1.
    fn of(ratios: impl Iterator<Item = Quartiles>) -> Axis {
        let (low, high) =
            ratios.fold((1.0f64, 1.0f64), |(low, high), ratio| (low.min(ratio.low), high.max(ratio.high)));
        Axis { low: low.log10().floor() as i32, high: (high.log10().ceil() as i32).max(1) }
    }

    fn x(&self, ratio: f64) -> f64 {
        let share = (ratio.log10() - f64::from(self.low)) / f64::from(self.high - self.low);
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }
}

fn row_height(row: &Row) -> f64 {
    GAP + BAR * row.figures.len().max(1) as f64
}

/// Seen on white and on black.
fn colour(subject: Subject) -> &'static str {
    match subject {
        Subject::Bare => "#8a8a8a",
        Subject::Ours => "#2f81c7",
        Subject::Official => "#d9822b",
        Subject::Python => "#5b9e4d",
        Subject::Kdb => "#a568b8",
    }
}

const INK: &str = "#808080";
const WIDTH: f64 = 760.0;
const LEFT: f64 = 140.0;
const RIGHT: f64 = 50.0;
const TOP: f64 = 54.0;
const BAR: f64 = 14.0;
const GAP: f64 = 10.0;

#[cfg(test)]
mod tests {
    use super::super::show::tests::some;
    use super::*;

    #[test]
    fn the_axis_has_room_for_all() {
        let at = |median| Quartiles { low: median, median, high: median };
        let axis = Axis::of([at(0.15), at(250.0)].into_iter());
        assert_eq!((axis.low, axis.high), (-1, 3));
        assert!(axis.x(1.0) > axis.x(0.15) && axis.x(250.0) < WIDTH - RIGHT);
    }

    #[test]
    fn every_client_has_a_bar_of_its_colour() {
        let plots = all(&some());
        let network = plots.iter().find(|(name, _)| *name == "network").map(|(_, svg)| svg.as_str());
        let network = network.unwrap_or_default();
        for subject in [Subject::Ours, Subject::Official] {
            assert_eq!(network.matches(colour(subject)).count(), 2, "a bar and a legend");
        }
        assert!(network.ends_with("</svg>\n") && network.contains(">1.02</text>"));
    }
}
