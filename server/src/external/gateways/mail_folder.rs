//! The folder that mails are written to when no mail server is configured.
//!
//! One thread writes them. Threads that create files in the same folder at the same time spend their time waiting for
//! the folder's lock, and all mails that wait share one fsync of the folder.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    thread,
};

use tokio::sync::{mpsc, oneshot};

use crate::platform::private_files;

/// How many mails wait for the thread at most, and share an fsync of the folder.
const BATCH: usize = 64;

/// A folder with one `.eml` file for each mail.
#[derive(Clone, Debug)]
pub struct MailFolder {
    mails: mpsc::Sender<NewMail>,
}

struct NewMail {
    name: String,
    bytes: Vec<u8>,
    written: oneshot::Sender<io::Result<()>>,
}

impl MailFolder {
    /// Opens the folder, which is created if missing, and starts the thread. The thread ends when the last clone is
    /// dropped.
    pub fn open(folder: &Path) -> io::Result<Self> {
        private_files::create_folder(folder)?;
        let (mails, mut waiting) = mpsc::channel(BATCH);
        let folder = folder.to_owned();
        thread::Builder::new().name("mail-folder".to_owned()).spawn(move || {
            let mut batch = Vec::with_capacity(BATCH);
            while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
                write_all(&folder, &mut batch, write);
            }
        })?;
        Ok(Self { mails })
    }

    /// Writes a mail. An earlier one with this name is replaced. The file is on disk when this returns, because the
    /// order then says that its mail was sent.
    pub async fn write(&self, name: String, bytes: Vec<u8>) -> io::Result<()> {
        let ended = || io::Error::other("the thread that writes mails has ended");
        let (written, answer) = oneshot::channel();
        self.mails.send(NewMail { name, bytes, written }).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}

/// Writes mails with `write` and answers each of them. One that cannot be written does not keep the others from it.
fn write_all(folder: &Path, batch: &mut Vec<NewMail>, write: impl Fn(&Path, &[u8]) -> io::Result<()>) {
    let written: Vec<_> = batch
        .drain(..)
        .map(|mail| {
            let path = folder.join(&mail.name);
            // The thread goes on after a panic, which its hook has logged: without it no mail is written any more.
            let result = catch_unwind(AssertUnwindSafe(|| write(&path, &mail.bytes)));
            (result.unwrap_or_else(|_| Err(io::Error::other("the thread panicked"))), mail.written)
        })
        .collect();
    // The new names are part of the folder's data.
    let named = File::open(folder).and_then(|folder| folder.sync_all());
    for (result, answer) in written {
        let named = named.as_ref().map_err(|error| io::Error::new(error.kind(), error.to_string()));
        // A sender that has timed out sends the mail again, which replaces this file.
        drop(answer.send(result.and(named.copied())));
    }
}

/// Writes to a temporary name first, so that nobody reads an incomplete mail.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let extended = |extension: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(extension);
        PathBuf::from(name)
    };
    let unfinished = extended(".part");
    let create =
        || OpenOptions::new().write(true).create_new(true).mode(private_files::FILE).open(&unfinished);
    let mut file = match create() {
        // An earlier attempt's file is not reused: its permissions may be wider.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(&unfinished)?;
            create()?
        }
        file => file?,
    };
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, extended(".eml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes mails with these names, and returns the results in their order.
    fn write_each(
        folder: &Path,
        names: &[&str],
        write: impl Fn(&Path, &[u8]) -> io::Result<()>,
    ) -> Vec<io::Result<()>> {
        let (mut batch, answers): (Vec<_>, Vec<_>) = names
            .iter()
            .map(|name| {
                let (written, answer) = oneshot::channel();
                (NewMail { name: (*name).to_owned(), bytes: b"Hello".to_vec(), written }, answer)
            })
            .unzip();
        write_all(folder, &mut batch, write);
        assert!(batch.is_empty());
        answers.into_iter().map(|mut answer| answer.try_recv().unwrap()).collect()
    }

    #[test]
    fn a_mail_that_cannot_be_written_fails_alone() {
        let folder = tempfile::tempdir().unwrap();
        // A folder has the name of its file.
        fs::create_dir_all(folder.path().join("second.eml/used")).unwrap();
        let results = write_each(folder.path(), &["first", "second", "third"], write);
        assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
        for name in ["first.eml", "third.eml"] {
            assert_eq!(fs::read(folder.path().join(name)).unwrap(), b"Hello");
        }
    }

    #[test]
    fn a_panic_fails_only_its_mail() {
        let folder = tempfile::tempdir().unwrap();
        let results = write_each(folder.path(), &["first", "second"], |path, bytes| {
            assert!(!path.ends_with("first"), "a fault of ours");
            write(path, bytes)
        });
        assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, true]);
    }

    #[tokio::test]
    async fn mails_fail_while_the_folder_is_missing_and_are_written_once_it_is_back() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("mail");
        let folder = MailFolder::open(&path).unwrap();
        fs::remove_dir(&path).unwrap();
        let missing = folder.write("first".to_owned(), b"Hello".to_vec()).await.unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
        fs::create_dir(&path).unwrap();
        folder.write("first".to_owned(), b"Hello".to_vec()).await.unwrap();
        assert_eq!(fs::read(path.join("first.eml")).unwrap(), b"Hello");
    }
}
