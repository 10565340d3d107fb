//! Letters to customers: who writes them, what they look like, and who posts them.
//!
//! What calls for a letter is an event of its order ([`orders::CustomerMail`]), so the letter's job is written in the
//! transaction that writes the event. The job waits in the queue of the mail server, and nothing else waits for it. The
//! receipt is a step of the order and is written here like the others.

mod content;
mod delay_notifier;
mod html;
mod mail_handler;
mod mail_renderer;
mod plain;

pub use delay_notifier::DelayNotifier;
pub use mail_handler::MailHandler;
pub use mail_renderer::MailRenderer;

#[cfg(test)]
mod tests;
