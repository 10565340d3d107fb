//! Letters to customers: who writes them, what they look like, and who posts them.
//!
//! What calls for a letter is an event of its order ([`orders::Letter`]), so the letter's job is written in the
//! transaction that writes the event. The job waits in the queue of the mail server, and nothing else waits for it. The
//! receipt is a step of the order and is written here like the others.

mod html;
mod letter_writer;
mod postman;
mod reassurance;

pub use letter_writer::LetterWriter;
pub use postman::Postman;
pub use reassurance::Reassurance;

#[cfg(test)]
mod tests;
