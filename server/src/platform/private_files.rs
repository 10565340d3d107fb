//! Files and folders that only the user who runs Docket can read, because they contain orders, addresses and secrets.
//!
//! Each is created with its mode, so it is never readable by others, not even for a moment. An existing one keeps its
//! mode; [`width`] tells when that lets others in.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// The mode of a file.
pub const FILE: u32 = 0o600;
/// The mode of a folder.
pub const FOLDER: u32 = 0o700;
/// The permissions of everybody but the owner.
const OTHERS: u32 = 0o077;
/// All bits that `chmod` sets.
const PERMISSIONS: u32 = 0o7777;

/// Creates a folder and its missing parents.
///
/// # Errors
/// When the system refuses.
pub fn create_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER).create(folder)
}

/// Creates an empty file and its folder, if they are missing.
///
/// An existing file is not even opened: closing a file in a process releases the locks that SQLite holds on it.
///
/// # Errors
/// When the system refuses.
pub fn create_missing(file: &Path) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        create_folder(folder)?;
    }
    match create_new(file) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        created => created.map(drop),
    }
}

/// Creates a file and opens it for writing.
///
/// # Errors
/// When it exists, or the system refuses.
pub fn create_new(file: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(FILE).open(file)
}

/// Opens a file for writing, and creates it if it is missing.
///
/// # Errors
/// When the system refuses.
pub fn open_or_create(file: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(FILE).open(file)
}

/// Returns the mode of a file or folder that lets others in; none for a private or missing one.
pub fn width(path: &Path) -> Option<u32> {
    let mode = path.metadata().ok()?.permissions().mode() & PERMISSIONS;
    (mode & OTHERS != 0).then_some(mode)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & PERMISSIONS
    }

    #[test]
    fn created_files_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a/b/orders.db");
        create_missing(&file).unwrap();
        assert_eq!(mode(&file), FILE);
        assert_eq!([mode(file.parent().unwrap()), mode(&folder.path().join("a"))], [FOLDER; 2]);
        drop(open_or_create(&folder.path().join("lock")).unwrap());
        drop(create_new(&folder.path().join("new")).unwrap());
        assert_eq!([mode(&folder.path().join("lock")), mode(&folder.path().join("new"))], [FILE; 2]);
        assert_eq!((width(&file), width(&folder.path().join("none"))), (None, None));
    }

    #[test]
    fn an_existing_file_keeps_its_mode_and_content_and_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("orders.db");
        fs::write(&file, "content").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        create_missing(&file).unwrap();
        drop(open_or_create(&file).unwrap());
        assert!(create_new(&file).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "content");
        assert_eq!((width(&file), width(folder.path())), (Some(0o640), Some(0o755)));
    }
}
