//! Whether a figure has grown beyond what was accepted.

use crate::figures::Figures;

/// What became of the figures since they were accepted, a line for each.
#[derive(Debug, Default, Eq, PartialEq)]
pub struct Growth {
    /// What must not be, unless it is accepted.
    pub grown: Vec<String>,
    /// What may be.
    pub news: Vec<String>,
}

/// Compares what was measured with what was accepted. The figures of a section may grow by so many percent; all by 10 %
/// where another compiler made the programs, which is not the fault of a change.
pub fn compare(accepted: &Figures, measured: &Figures, percents: impl Fn(&str) -> u64) -> Growth {
    let mut growth = Growth::default();
    let is_other = accepted.compiler != measured.compiler;
    if is_other {
        let (theirs, ours) = (&accepted.compiler, &measured.compiler);
        growth.news.push(format!("accepted with rustc {theirs}, measured with {ours}: all may grow by 10 %"));
    }
    for row in measured.rows() {
        let percents = if is_other { 10 } else { percents(&row.section) };
        for (figure, now) in &row.figures {
            let name = format!("{} {} {figure}", row.section, row.name);
            match accepted.get(&row.section, &row.name, figure) {
                None => growth.grown.push(format!("{name}: {now}, and none was accepted")),
                Some(before) if *now * 100 > before * (100 + percents) => {
                    growth.grown.push(format!("{name}: {now}, was {before}, {}", percent(before, *now)));
                }
                Some(before) if *now < before => {
                    growth.news.push(format!("{name}: {now}, was {before}, {}", percent(before, *now)));
                }
                Some(_) => {}
            }
        }
    }
    for row in accepted.rows() {
        for (figure, _) in &row.figures {
            if measured.get(&row.section, &row.name, figure).is_none() {
                growth
                    .grown
                    .push(format!("{} {} {figure}: was accepted, and not measured", row.section, row.name));
            }
        }
    }
    growth
}

/// As `+2.5 %`.
fn percent(before: u64, now: u64) -> String {
    let (sign, difference) = if now < before { ('-', before - now) } else { ('+', now - before) };
    match (difference * 1000).checked_div(before) {
        Some(thousandths) => format!("{sign}{}.{} %", thousandths / 10, thousandths % 10),
        None => "from nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(compiler: &str, section: &str, figure: u64) -> Figures {
        let mut figures = Figures::new(compiler.to_owned());
        figures.add(section, "exchange", &[("text", figure)]);
        figures
    }

    fn percents(section: &str) -> u64 {
        if section == "two" { 2 } else { 1 }
    }

    /// How many lines say what must not be, and how many what may be.
    fn lines(accepted: &Figures, measured: &Figures) -> (usize, usize) {
        let growth = compare(accepted, measured, percents);
        (growth.grown.len(), growth.news.len())
    }

    #[test]
    fn sections_may_grow_by_what_they_are_given() {
        let two = |figure| figures("1", "two", figure);
        assert_eq!(lines(&two(1000), &two(1020)), (0, 0));
        assert_eq!(lines(&two(1000), &two(1021)), (1, 0));
        assert_eq!(lines(&two(0), &two(1)), (1, 0));
        let counts = |figure| figures("1", "one", figure);
        assert_eq!(lines(&counts(1000), &counts(1010)), (0, 0));
        assert_eq!(lines(&counts(1000), &counts(1011)), (1, 0));
    }

    #[test]
    fn shrinking_is_news() {
        let growth = compare(&figures("1", "v", 1000), &figures("1", "v", 994), percents);
        assert_eq!(growth.news, ["v exchange text: 994, was 1000, -0.6 %"]);
        assert!(growth.grown.is_empty());
    }

    #[test]
    fn rows_that_come_and_go_are_to_be_accepted() {
        let (before, after) = (figures("1", "before", 1), figures("1", "after", 1));
        assert_eq!(lines(&before, &after), (2, 0));
    }

    #[test]
    fn another_compiler_has_more_room() {
        assert_eq!(lines(&figures("1", "v", 1000), &figures("2", "v", 1100)), (0, 1));
        assert_eq!(lines(&figures("1", "v", 1000), &figures("2", "v", 1101)), (1, 1));
    }
}
