//! The file beside the database for what must not be in the database.
//!
//! It is replaced as a whole: written under another name, synced, renamed, and read again, so a reader never finds
//! half of it.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orders::Timestamp;
use serde::Deserialize;

use crate::config::is_long_enough;
use crate::platform::private_files;

/// The content of the file.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretFile {
    /// The installation secret; none where `DOCKET_SECRET` is set.
    pub secret: Option<String>,
    /// The secret of the links of earlier orders.
    pub earlier_links: Option<EarlierLinks>,
}

/// The secret that earlier versions of Docket stored in the database, and the orders whose first links it made.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlierLinks {
    #[serde(deserialize_with = "decoded")]
    pub secret: [u8; 32],
    /// When the last of these orders was accepted.
    pub until: Timestamp,
}

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// It cannot be read.
    #[error("The secret in {} cannot be read: {error}.", .file.display())]
    Read { file: PathBuf, error: io::Error },
    /// It has another content.
    #[error(
        "{} does not hold a secret as Docket writes it: put a copy of it back, or move it away to begin with a new one, and \
         links that were sent earlier open nothing any more.",
        .0.display()
    )]
    Malformed(PathBuf),
    /// It cannot be written.
    #[error("The secret cannot be stored in {}: {error}.", .file.display())]
    Write { file: PathBuf, error: io::Error },
}

impl SecretFile {
    /// Reads a file, if it exists.
    ///
    /// # Errors
    /// When it cannot be read, or has another content.
    pub fn read(file: &Path) -> Result<Option<Self>, SecretFileError> {
        let malformed = || SecretFileError::Malformed(file.to_owned());
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(malformed()),
            Err(error) => return Err(SecretFileError::Read { file: file.to_owned(), error }),
        };
        let found: Self = toml::from_str(&text).map_err(|_| malformed())?;
        let short = found.secret.as_ref().is_some_and(|secret| !is_long_enough(secret));
        // A full disk or a careless copy leaves an empty file.
        if short || found == Self::default() { Err(malformed()) } else { Ok(Some(found)) }
    }

    /// Replaces the file, and reads it again.
    ///
    /// # Errors
    /// When the system refuses, or does not return what was written.
    pub fn write(&self, file: &Path) -> Result<(), SecretFileError> {
        let failed = |error| SecretFileError::Write { file: file.to_owned(), error };
        self.replace(file).map_err(failed)?;
        match Self::read(file)? {
            Some(found) if found == *self => Ok(()),
            _ => Err(failed(io::Error::other("what was written is not what is there"))),
        }
    }

    fn replace(&self, file: &Path) -> io::Result<()> {
        let mut unfinished = OsString::from(file);
        unfinished.push(".unfinished");
        let unfinished = PathBuf::from(unfinished);
        // A file left by an interrupted start.
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut written = private_files::create_new(&unfinished)?;
        written.write_all(self.text().as_bytes())?;
        written.sync_all()?;
        fs::rename(&unfinished, file)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }

    fn text(&self) -> String {
        let mut text = String::from(
            "# Docket makes the private links of orders from what is in this file. Keep a copy of it, and keep it apart from\n\
             # copies of the database: whoever has both can open every order. Without it, links that were sent open nothing.\n",
        );
        // Writing to a String cannot fail.
        if let Some(secret) = &self.secret {
            let _ = writeln!(text, "secret = {}", toml::Value::from(secret.as_str()));
        }
        if let Some(EarlierLinks { secret, until }) = &self.earlier_links {
            let _ = writeln!(
                text,
                "\n# The links of orders up to this moment were made with this, when it was kept in the database.\n\
                 [earlier_links]\nsecret = \"{}\"\nuntil = \"{until}\"",
                URL_SAFE_NO_PAD.encode(secret)
            );
        }
        text
    }
}

/// Returns the text of a secret of these bytes.
pub fn secret_of(random: [u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(random)
}

fn decoded<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    let text = String::deserialize(deserializer)?;
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| serde::de::Error::custom("not 32 bytes"))
}

impl std::fmt::Debug for SecretFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretFile(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_763_892_000_000);

    fn contents() -> [SecretFile; 3] {
        let secret = Some(secret_of([7; 32]));
        let earlier_links = Some(EarlierLinks { secret: [8; 32], until: NOW });
        [
            SecretFile { secret: secret.clone(), earlier_links: None },
            SecretFile { secret: None, earlier_links: earlier_links.clone() },
            SecretFile {
                secret: Some("a \"secret\" \\ of somebody's own, with\ttab".to_owned()),
                earlier_links,
            },
        ]
    }

    #[test]
    fn a_written_secret_is_read_back_whatever_was_there_before() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("docket.secret");
        assert!(SecretFile::read(&file).unwrap().is_none());
        fs::write(folder.path().join("docket.secret.unfinished"), "half of").unwrap();
        for content in contents() {
            content.write(&file).unwrap();
            assert!(SecretFile::read(&file).unwrap() == Some(content));
            assert_eq!(private_files::width(&file), None);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn a_file_that_holds_no_secret_is_refused_with_a_sentence_that_does_not_show_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("docket.secret");
        let earlier = "[earlier_links]\nsecret = \"AAAA\"\nuntil = \"2026-11-23T10:00:00.000Z\"";
        let long = "hunter2 hunter2 hunter2 hunter2 hunter2";
        for content in
            ["", "# only words\n", "secret = \"hunter2\"", long, earlier, &format!("secrets = \"{long}\"")]
        {
            fs::write(&file, content).unwrap();
            let sentence = SecretFile::read(&file).unwrap_err().to_string();
            assert!(
                sentence.starts_with(&file.display().to_string()) && sentence.ends_with('.'),
                "{sentence}"
            );
            assert!(!sentence.contains("hunter2"), "{sentence}");
        }
        fs::write(&file, [0xff, 0xfe]).unwrap();
        assert!(matches!(SecretFile::read(&file), Err(SecretFileError::Malformed(_))));
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert!(matches!(SecretFile::read(&file), Err(SecretFileError::Read { .. })));
        assert!(matches!(contents()[0].write(&file), Err(SecretFileError::Write { .. })));
    }

    #[test]
    fn debug_does_not_show_it() {
        assert_eq!(format!("{:?}", contents()[2]), "SecretFile(…)");
    }
}
