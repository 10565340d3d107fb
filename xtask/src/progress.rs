//! Prints progress: the current step, the number of steps, and the time it took.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::{Duration, Instant};

pub struct Progress {
    started: Instant,
    step: usize,
    steps: usize,
}

impl Progress {
    /// Starts a task with this many steps.
    pub fn of(steps: usize) -> Self {
        Self { started: now(), step: 0, steps }
    }

    /// Announces the next step, runs it, and prints the time it took.
    pub fn step<T, E>(&mut self, what: impl Display, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.step += 1;
        say(format_args!("[{}/{}] {what}", self.step, self.steps));
        let started = now();
        let result = work()?;
        say(format_args!(
            "      {} (since the start {})",
            clock(started.elapsed()),
            clock(self.started.elapsed())
        ));
        Ok(result)
    }
}

/// Prints one line.
pub fn say(line: impl Display) {
    let mut out = io::stdout().lock();
    // A closed output is no reason to stop.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

#[expect(clippy::disallowed_methods, reason = "this tool measures how long its own steps take")]
fn now() -> Instant {
    Instant::now()
}

fn clock(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f32()),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}
