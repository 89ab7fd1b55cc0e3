//! The programs in turn, in random order, in short rounds.

use xtask::server::Server;

use super::build::{Program, SERVER};
use super::measures::{MEASURES, Measure, Place, QUICK, Subject};
use super::stats::{Orders, Quartiles};
use super::subject::{Process, Sample};
use crate::line::Line;

/// What came out for one measure.
pub struct Row {
    pub measure: &'static Measure,
    /// What the base takes, in ns for one repetition: wall clock, or processor time in memory.
    pub base_ns: Quartiles,
    pub figures: Vec<Figure>,
}

/// A client's times over the base's, round by round.
#[derive(Clone, Copy)]
pub struct Figure {
    pub subject: Subject,
    pub wall: Quartiles,
    pub cpu: Quartiles,
}

impl Row {
    pub fn of(&self, subject: Subject) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.subject == subject)
    }

    /// What is compared first.
    pub fn time(&self, figure: &Figure) -> Quartiles {
        if self.measure.place == Place::Memory { figure.cpu } else { figure.wall }
    }
}

/// A server with the tables that are asked for.
///
/// # Errors
/// Where it cannot be started, or not be filled.
pub fn server(programs: &[Program]) -> Result<Server, String> {
    let server = Server::start(SERVER).map_err(|e| e.to_string())?;
    let ours = programs.iter().find(|program| program.subject == Subject::Ours);
    let ours = ours.ok_or("without the program of this crate nothing can be measured")?;
    Process::start(&mut ours.command(server.port(), None)?)?.sample("tables", 0, 1)?;
    Ok(server)
}

/// All measures, and what could not be measured.
pub fn all(programs: &[Program], server: &Server, is_quick: bool) -> (Vec<Row>, Vec<String>) {
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for measure in &MEASURES {
        let rounds = if is_quick { QUICK } else { measure.rounds };
        eprintln!("  {} ({rounds} rounds)", measure.name);
        match one(measure, programs, server, rounds, &mut problems) {
            Ok(row) => rows.push(row),
            Err(problem) => problems.push(format!("{}: {problem}", measure.name)),
        }
    }
    (rows, problems)
}

/// A program with its samples.
struct Running {
    subject: Subject,
    process: Process,
    samples: Vec<Sample>,
    /// Rounds in which it takes part.
    rounds: usize,
}

fn one(
    measure: &'static Measure,
    programs: &[Program],
    server: &Server,
    rounds: usize,
    problems: &mut Vec<String>,
) -> Result<Row, String> {
    let (servers, clients) = cores(measure.place);
    pin(server, servers);
    let mut running = Vec::new();
    for program in programs {
        let mut process = Process::start(&mut program.command(server.port(), clients)?)?;
        if process.ask("measures")?.split_whitespace().any(|name| name == measure.name) {
            running.push(Running { subject: program.subject, process, samples: Vec::new(), rounds });
        }
    }
    let mut orders = Orders::new();
    // The first round is not counted: in it each makes what it needs.
    for round in 0..=rounds {
        orders.shuffle(&mut running);
        let mut at = 0;
        while let Some(one) = running.get_mut(at) {
            if round > one.rounds {
                at += 1;
                continue;
            }
            match one.process.sample(measure.name, measure.warm, measure.times) {
                Ok(first) if round == 0 => {
                    if first.wall > SLOW_NS {
                        one.rounds = rounds.min(SLOW);
                    }
                    at += 1;
                }
                Ok(sample) => {
                    one.samples.push(sample);
                    at += 1;
                }
                Err(problem) => {
                    problems.push(format!("{}: {problem}", one.subject.name()));
                    running.remove(at);
                }
            }
        }
    }
    row(measure, &running)
}

fn row(measure: &'static Measure, running: &[Running]) -> Result<Row, String> {
    let base = running.iter().find(|one| one.subject == measure.base);
    let base = &base.ok_or_else(|| format!("without {} there is no base", measure.base.name()))?.samples;
    let is_memory = measure.place == Place::Memory;
    let times = base.iter().map(|s| if is_memory { s.cpu } else { s.wall } / f64::from(measure.times));
    let base_ns = Quartiles::of(times.collect()).ok_or("no rounds")?;
    let mut figures = Vec::new();
    for subject in Subject::ALL.into_iter().filter(|subject| *subject != measure.base) {
        let Some(one) = running.iter().find(|one| one.subject == subject) else { continue };
        let pairs = || one.samples.iter().zip(base);
        let wall = Quartiles::of(pairs().map(|(ours, base)| ours.wall / base.wall).collect());
        let cpu = Quartiles::of(pairs().map(|(ours, base)| ours.cpu / base.cpu.max(1.0)).collect());
        figures.extend(wall.zip(cpu).map(|(wall, cpu)| Figure { subject, wall, cpu }));
    }
    Ok(Row { measure, base_ns, figures })
}

/// The core of the server and that of the programs; none where they cannot be chosen.
fn cores(place: Place) -> (Option<usize>, Option<usize>) {
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    if !can_pin() {
        return (None, None);
    }
    match place {
        Place::Together => (Some(0), Some(0)),
        Place::Apart | Place::Memory => (Some(0), Some(1.min(count - 1))),
    }
}

pub fn can_pin() -> bool {
    Line::new("taskset --version").succeeds()
}

fn pin(server: &Server, core: Option<usize>) {
    let (Some(core), Some(id)) = (core, server.pid()) else { return };
    // All of its threads.
    if !Line::new(&format!("taskset -acp {core} {id}")).succeeds() {
        eprintln!("  the server could not be put on core {core}");
    }
}

/// A program that takes longer than this takes part in some rounds only.
const SLOW_NS: f64 = 2e9;
const SLOW: usize = 3;
