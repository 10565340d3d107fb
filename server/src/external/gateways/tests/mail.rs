use std::time::Duration;

use orders::Timestamp;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    task::JoinHandle,
};

use crate::external::gateways::{Failure, Mail, Mailer, MailerError, SendOutcome};

fn mail(to_email: &str, text: &str) -> Mail {
    Mail {
        to_name: "Ada Łovelace".to_owned(),
        to_email: to_email.to_owned(),
        subject: "Order 7K3-M29 is confirmed".to_owned(),
        text: text.to_owned(),
        html: format!("<p>{text}</p>"),
        at: Timestamp::from_millis(1_763_892_000_000),
    }
}

#[tokio::test]
async fn a_mail_is_a_file_that_reads_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = Mailer::to_folder(&folder.path().join("mail"), "Docket <orders@localhost>").unwrap();
    let link = format!("http://127.0.0.1:3000/track/{}", "a".repeat(80));
    let mail = mail("ada@example.org", &format!("€41.20 paid.\n{link}\n"));
    assert_eq!(mailer.send(&mail, "ord_1:notify").await, Ok(SendOutcome::Sent));
    let file = std::fs::read_to_string(folder.path().join("mail/ord_1-notify.eml")).unwrap();
    for part in [
        "From: Docket <orders@localhost>",
        "<ada@example.org>",
        "Subject: Order 7K3-M29 is confirmed",
        "Message-ID: <ord_1-notify@localhost>",
        "Date: Sun, 23 Nov 2025 10:00:00 +0000",
        "€41.20 paid.",
        &link,
    ] {
        assert!(file.contains(part), "{part} in {file}");
    }
}

#[tokio::test]
async fn a_mail_that_is_sent_again_stays_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = Mailer::to_folder(folder.path(), "orders@localhost").unwrap();
    for _ in 0..2 {
        assert_eq!(
            mailer.send(&mail("ada@example.org", "Hello"), "ord_1:notify").await,
            Ok(SendOutcome::Sent)
        );
    }
    assert_eq!(mailer.send(&mail("ada@example.org", "Hello"), "ord_2:notify").await, Ok(SendOutcome::Sent));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[tokio::test]
async fn an_address_that_cannot_be_written_to_is_refused_without_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = Mailer::to_folder(folder.path(), "orders@localhost").unwrap();
    for wrong in ["", "ada", "ada@", "ada@example.org\r\nBcc: all@example.org"] {
        assert!(
            matches!(mailer.send(&mail(wrong, "Hello"), "k").await, Ok(SendOutcome::Refused(_))),
            "{wrong}"
        );
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

const PLAIN: &str = "250 mail.example.org";
const SMTPUTF8: &str = "250-mail.example.org\r\n250-8BITMIME\r\n250 SMTPUTF8";

/// A mail server for one connection, which answers every recipient with `verdict` and returns what it received.
async fn mail_server(verdict: &'static str) -> (String, JoinHandle<String>) {
    mail_server_that_offers(PLAIN, verdict).await
}

/// The same with these extensions.
async fn mail_server_that_offers(
    offers: &'static str,
    verdict: &'static str,
) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let handled = tokio::spawn(async move {
        let mut line = BufReader::new(listener.accept().await.unwrap().0);
        line.write_all(b"220 mail.example.org\r\n").await.unwrap();
        let (mut handled, mut in_data) = (String::new(), false);
        loop {
            let start = handled.len();
            if line.read_line(&mut handled).await.unwrap_or(0) == 0 {
                return handled;
            }
            let said = handled[start..].trim_end();
            let answer = match said {
                "." => "250 taken",
                _ if in_data => continue,
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ if said.starts_with("RCPT") => verdict,
                _ if said.starts_with("EHLO") => offers,
                _ => "250 mail.example.org",
            };
            in_data = said == "DATA";
            line.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        }
    });
    (url, handled)
}

#[tokio::test]
async fn with_a_mail_server_the_mail_is_sent() {
    let (url, handled) = mail_server("250 fine").await;
    let mailer = Mailer::to_server(&url, "Docket <orders@localhost>", Duration::from_secs(5)).unwrap();
    assert_eq!(
        mailer.send(&mail("ada@example.org", "€41.20 paid."), "ord_1:notify").await,
        Ok(SendOutcome::Sent)
    );
    drop(mailer);
    let handled = handled.await.unwrap();
    for part in ["RCPT TO:<ada@example.org>", "Message-ID: <ord_1-notify@localhost>", "=E2=82=AC41.20 paid."]
    {
        assert!(handled.contains(part), "{part} in {handled}");
    }
}

#[tokio::test]
async fn a_mail_to_an_international_domain_asks_nothing_of_the_mail_server() {
    let (url, handled) = mail_server("250 fine").await;
    let from = "Docket <orders@bücher.example>";
    let mailer = Mailer::to_server(&url, from, Duration::from_secs(5)).unwrap();
    let sent = mailer.send(&mail("Ada@Bücher.example", "Hello"), "ord_1:notify").await;
    assert_eq!(sent, Ok(SendOutcome::Sent));
    drop(mailer);
    let handled = handled.await.unwrap();
    for part in [
        "MAIL FROM:<orders@xn--bcher-kva.example>\r\n",
        "RCPT TO:<Ada@xn--bcher-kva.example>\r\n",
        "<Ada@xn--bcher-kva.example>",
    ] {
        assert!(handled.contains(part), "{part} in {handled}");
    }
}

#[tokio::test]
async fn a_mail_to_letters_before_the_at_sign_goes_by_smtputf8() {
    let (url, handled) = mail_server_that_offers(SMTPUTF8, "250 fine").await;
    let mailer = Mailer::to_server(&url, "orders@localhost", Duration::from_secs(5)).unwrap();
    let sent = mailer.send(&mail("用户@例え.jp", "Hello"), "ord_1:notify").await;
    assert_eq!(sent, Ok(SendOutcome::Sent));
    drop(mailer);
    let handled = handled.await.unwrap();
    for part in
        ["MAIL FROM:<orders@localhost> SMTPUTF8", "RCPT TO:<用户@xn--r8jz45g.jp>", "<用户@xn--r8jz45g.jp>"]
    {
        assert!(handled.contains(part), "{part} in {handled}");
    }
}

#[tokio::test]
async fn without_smtputf8_such_a_mail_is_refused_for_good_and_says_why() {
    let (url, _) = mail_server("250 fine").await;
    let mailer = Mailer::to_server(&url, "orders@localhost", Duration::from_secs(5)).unwrap();
    let sent = mailer.send(&mail("用户@例え.jp", "Hello"), "ord_1:notify").await;
    assert!(matches!(&sent, Ok(SendOutcome::Refused(why)) if why.why.contains("SMTPUTF8")), "{sent:?}");
}

#[tokio::test]
async fn a_mail_server_refuses_for_good_or_for_now() {
    let (url, _) = mail_server("550 nobody here").await;
    let mailer = Mailer::to_server(&url, "orders@localhost", Duration::from_secs(5)).unwrap();
    assert!(matches!(mailer.send(&mail("ada@example.org", "Hello"), "k").await, Ok(SendOutcome::Refused(_))));
    let (url, _) = mail_server("450 later").await;
    let mailer = Mailer::to_server(&url, "orders@localhost", Duration::from_secs(5)).unwrap();
    assert!(matches!(
        mailer.send(&mail("ada@example.org", "Hello"), "k").await,
        Err(Failure::Transient { .. })
    ));
}

#[tokio::test]
async fn a_mail_server_that_cannot_be_reached_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    drop(listener);
    let mailer = Mailer::to_server(&url, "orders@localhost", Duration::from_secs(5)).unwrap();
    assert!(mailer.send(&mail("ada@example.org", "Hello"), "k").await.is_err());
}

#[test]
fn a_sender_or_server_that_is_none_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Mailer::to_folder(folder.path(), "Docket"), Err(MailerError::Sender(_))));
    let wrong = Mailer::to_server("http://mail", "orders@localhost", Duration::from_secs(5));
    assert!(matches!(wrong, Err(MailerError::Server(_))));
}
