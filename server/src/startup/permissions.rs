//! Warns of files and folders that others can read: those of earlier versions, and copies.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::config::{MailTransport, ServeConfig};
use crate::platform::private_files::{FILE, FOLDER, width};

/// A folder with this bit is shared by design, such as `/tmp`.
const STICKY: u32 = 0o1000;

/// Logs a warning for each, with the command that corrects it.
pub(super) fn warn_of_wide_files(config: &ServeConfig) {
    wide_files(config).iter().for_each(|sentence| tracing::warn!("{sentence}"));
}

/// Returns one sentence for each.
fn wide_files(config: &ServeConfig) -> Vec<String> {
    let (database, ledger) = (&config.store.file, &config.sandbox.data);
    let mut folders: Vec<&Path> = [database, ledger].into_iter().filter_map(|file| folder_of(file)).collect();
    folders.dedup();
    let files = [
        with_log(database),
        vec![database.with_added_extension("lock"), config.secret.file.clone()],
        with_log(ledger),
    ];
    let folders = folders.into_iter().filter(|folder| is_ours(folder)).map(|folder| (folder, FOLDER));
    let files = files.concat();
    let files = files.iter().map(|file| (file.as_path(), FILE));
    let wide = folders.chain(files).filter_map(|(path, wanted)| {
        let mode = width(path)?;
        let path = path.display();
        Some(format!("{path} has mode {mode:03o}, so others can read it: chmod {wanted:o} {path} mends that"))
    });
    wide.chain(wide_mails(config)).collect()
}

/// Returns one sentence about the mail folder and its files.
fn wide_mails(config: &ServeConfig) -> Option<String> {
    let MailTransport::Folder(folder) = &config.mail.transport else { return None };
    let mails = fs::read_dir(folder).ok()?.filter_map(|mail| Some(mail.ok()?.path()));
    let wide = mails.filter(|mail| width(mail).is_some()).count();
    let folder_is_wide = width(folder).is_some();
    let folder = folder.display();
    (folder_is_wide || wide > 0).then(|| {
        format!(
            "{folder} or what is in it can be read by others ({wide} mails): chmod -R go= {folder} mends that"
        )
    })
}

/// Returns a database and the files that SQLite keeps beside it.
fn with_log(database: &Path) -> Vec<PathBuf> {
    let beside = |ending: &str| {
        let mut name = OsString::from(database);
        name.push(ending);
        PathBuf::from(name)
    };
    vec![database.to_owned(), beside("-wal"), beside("-shm")]
}

/// Returns the folder of a file, unless it is the working directory.
fn folder_of(file: &Path) -> Option<&Path> {
    file.parent().filter(|folder| !folder.as_os_str().is_empty() && *folder != Path::new("."))
}

/// Whether this user could have created the folder for Docket.
fn is_ours(folder: &Path) -> bool {
    let ours = rustix::process::geteuid().as_raw();
    folder.metadata().is_ok_and(|found| found.uid() == ours && found.permissions().mode() & STICKY == 0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs::Permissions;

    use super::*;
    use crate::config::Sources;

    fn config(folder: &Path) -> ServeConfig {
        let database = format!("sqlite://{}", folder.join("docket.db").display());
        let environment = BTreeMap::from([("DOCKET_DATABASE_URL".to_owned(), database)]);
        ServeConfig::read(&Sources::of(BTreeMap::new(), environment, "docket.toml", "").unwrap()).unwrap()
    }

    #[test]
    fn each_readable_file_is_reported_with_its_chmod_command_and_mails_in_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir_all(data.join("mail")).unwrap();
        let config = config(&data);
        let names =
            ["docket.db", "docket.db-wal", "docket.db-shm", "docket.db.lock", "docket.secret", "sandbox.db"];
        for name in names.into_iter().chain(["mail/one.eml", "mail/two.eml", "notes.txt"]) {
            fs::write(data.join(name), "").unwrap();
            fs::set_permissions(data.join(name), Permissions::from_mode(0o644)).unwrap();
        }
        fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
        let path = |name: &str| data.join(name).display().to_string();
        let mut expected = vec![format!("chmod 700 {}", data.display())];
        expected.extend(names.map(|name| format!("chmod 600 {}", path(name))));
        expected.push(format!("chmod -R go= {}", path("mail")));
        let told = wide_files(&config);
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for (sentence, command) in told.iter().zip(&expected) {
            assert!(sentence.contains(&format!(": {command} mends that")), "{sentence} {command}");
        }
    }

    #[test]
    fn private_files_and_folders_of_others_are_not_reported() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let config = config(&data);
        assert!(wide_files(&config).is_empty(), "nothing is there");
        crate::platform::private_files::create_missing(&config.store.file).unwrap();
        crate::platform::private_files::create_folder(&data.join("mail")).unwrap();
        assert!(wide_files(&config).is_empty());
        fs::set_permissions(&data, Permissions::from_mode(0o1777)).unwrap();
        assert!(wide_files(&config).is_empty(), "a folder that is shared by design");
    }
}
