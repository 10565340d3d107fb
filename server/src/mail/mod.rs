//! Mails to customers.
//!
//! A mail is triggered by an event of its order ([`orders::CustomerMail`]), and its job is written in the transaction
//! that writes the event. The job waits in the queue of the mail server, and nothing else waits for it. The receipt
//! is a step of the order and is rendered here like the others.

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
