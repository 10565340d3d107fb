//! A mail server for tests: it keeps the mails that it accepts, and its replies can be set.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// A mail server that runs until the test ends.
pub struct MailServer {
    /// `smtp://…`, without credentials.
    pub url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The start of a command, and the reply to it.
    replies: Vec<(String, String)>,
    taken: Vec<String>,
}

impl MailServer {
    pub async fn start() -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                tokio::spawn(talk(line, shared.clone()));
            }
        });
        MailServer { url, state }
    }

    /// Sets the reply to commands that start like this.
    pub fn reply(&self, command: &str, reply: &str) {
        self.state.lock().unwrap().replies.insert(0, (command.to_owned(), reply.to_owned()));
    }

    /// Accepts every mail again.
    pub fn take_all(&self) {
        self.state.lock().unwrap().replies.clear();
    }

    /// Returns the accepted mails as they were sent.
    pub fn taken(&self) -> Vec<String> {
        self.state.lock().unwrap().taken.clone()
    }
}

async fn talk(line: TcpStream, state: Arc<Mutex<State>>) -> Option<()> {
    let mut line = BufReader::new(line);
    line.write_all(b"220 mail.example.org\r\n").await.ok()?;
    let (mut recipient, mut mail, mut in_data) = (String::new(), String::new(), false);
    loop {
        let mut said = String::new();
        if line.read_line(&mut said).await.ok()? == 0 {
            return None;
        }
        let said = said.trim_end();
        if in_data && said != "." {
            mail += &format!("{said}\n");
            continue;
        }
        let usual = match said {
            "." => "250 2.0.0 taken",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ if said.starts_with("EHLO") => "250-mail.example.org\r\n250 AUTH PLAIN",
            _ if said.starts_with("AUTH") => "235 2.7.0 welcome",
            _ => "250 2.0.0 fine",
        };
        let told = state.lock().unwrap().replies.iter().find(|(begin, _)| said.starts_with(begin)).cloned();
        let reply = told.map_or_else(|| usual.to_owned(), |(_, reply)| reply);
        if said.starts_with("RCPT") {
            said.clone_into(&mut recipient);
        }
        if said == "." && reply.starts_with('2') {
            state.lock().unwrap().taken.push(format!("{recipient}\n{}", std::mem::take(&mut mail)));
        }
        in_data = said == "DATA" && reply.starts_with('3');
        line.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
    }
}
